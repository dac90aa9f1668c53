import { bytesColumn, integerColumn, textColumn } from '@magistry/persistence';
import { leafOf } from '../domain/canonical.js';
import type { ReversalTarget } from '../domain/decision.js';
import type { EscalatedDecision, EscalationStatus } from '../domain/escalation.js';
import { DEFAULT_KILL_SWITCH } from '../domain/ledger-state.js';
import { parseCanonical } from '../domain/parse-canonical.js';
import type { LedgerHead, LookUp } from './ledger-batch.js';

/** What the one prefetch of a batch found. Absent rows are simply not there. */
export interface Found {
  readonly heads: readonly LedgerHead[];
  readonly replays: readonly Replay[];
  readonly subjects: readonly {
    workspace_id: number;
    subject: string;
    facet: string;
    state: string | null;
  }[];
  readonly digests: readonly {
    workspace_id: number;
    digest: string;
    decision_id: number | null;
    expires_at: string;
  }[];
  readonly counters: readonly { workspace_id: number; counter: string; period: string; amount: number }[];
  readonly targets: readonly {
    workspaceId: number;
    decision: string;
    target: ReversalTarget;
    state: string | null;
    holder: DigestHolder | null;
  }[];
  readonly escalations: readonly FoundEscalation[];
}

/** An escalated decision with its subject's state and whoever holds its uniqueness digest. */
export interface FoundEscalation {
  readonly escalated: EscalatedDecision;
  readonly state: string | null;
  readonly holder: DigestHolder | null;
}

/** The decision that holds a uniqueness digest, and until when. */
export interface DigestHolder {
  readonly decisionId: number;
  readonly expiresAt: string;
}

export interface Replay {
  readonly workspaceId: number;
  readonly keyHmac: Buffer;
  readonly fingerprint: Buffer;
  readonly requestId: string;
  readonly sealedAnswer: Buffer;
}

/** One round trip whatever the batch asks: a JSON list for each kind of thing. $1 is the present instant. */
export const LOOK_UP_SQL = `
SELECT
 (SELECT coalesce(json_agg(json_build_object('head', h, 'chain_hex', encode(h.chain, 'hex'))), '[]')
    FROM ledger_head h WHERE h.workspace_id = ANY ($2::int4[])) AS heads,
 (SELECT coalesce(json_agg(json_build_object('workspace_id', i.workspace_id, 'request_id', i.request_id,
      'key_hmac', encode(i.key_hmac, 'hex'), 'fingerprint', encode(i.fingerprint, 'hex'),
      'sealed_answer', encode(i.sealed_answer, 'hex'))), '[]')
    FROM unnest($3::int4[], $4::bytea[]) AS k (w, h)
    JOIN idempotency i ON i.workspace_id = k.w AND i.key_hmac = k.h AND i.expires_at > $1::text) AS replays,
 (SELECT coalesce(json_agg(s), '[]') FROM unnest($5::int4[], $6::text[], $7::text[]) AS k (w, named, part)
    JOIN subject_state s ON s.workspace_id = k.w AND s.subject = k.named AND s.facet = k.part) AS subjects,
 (SELECT coalesce(json_agg(u), '[]') FROM unnest($8::int4[], $9::text[]) AS k (w, d)
    JOIN uniqueness u ON u.workspace_id = k.w AND u.digest = k.d AND u.expires_at > $1::text) AS digests,
 (SELECT coalesce(json_agg(c), '[]') FROM unnest($10::int4[], $11::text[], $12::text[]) AS k (w, named, span)
    JOIN counter c ON c.workspace_id = k.w AND c.counter = k.named AND c.period = k.span) AS counters,
 (SELECT coalesce(json_agg(json_build_object('workspace_id', k.w, 'decision', k.named, 'row', d, 'state', s.state,
      'reversed_by', r.decision_id, 'holder', u.decision_id, 'held_until', u.expires_at)), '[]')
    FROM unnest($13::int4[], $14::text[]) AS k (w, named)
    CROSS JOIN LATERAL (
      SELECT * FROM decision_log WHERE k.named NOT LIKE 'dec%' AND workspace_id = k.w
         AND decision_id = (CASE WHEN k.named LIKE 'dec%' THEN NULL ELSE k.named END)::int8
      UNION ALL
      SELECT * FROM decision_log WHERE workspace_id = k.w AND id = k.named) d
    LEFT JOIN subject_state s ON s.workspace_id = k.w AND s.subject = d.subject AND s.facet = d.facet
    LEFT JOIN decision_log r ON r.workspace_id = k.w AND r.reverses = d.decision_id
    LEFT JOIN uniqueness u ON u.workspace_id = k.w AND u.digest = d.uniqueness_digest
      AND u.expires_at > $1::text) AS targets,
 (SELECT coalesce(json_agg(json_build_object('canonical', d.canonical, 'status', e.status,
      'expires_at', e.expires_at, 'result_decision_id', e.result_decision_id, 'state', s.state,
      'holder', u.decision_id, 'held_until', u.expires_at)), '[]')
    FROM unnest($15::int4[], $16::text[]) AS k (w, named)
    JOIN decision_log d ON d.workspace_id = k.w AND d.id = k.named
    JOIN escalation e ON e.workspace_id = k.w AND e.decision_id = d.decision_id
    LEFT JOIN subject_state s ON s.workspace_id = k.w AND s.subject = d.subject AND s.facet = d.facet
    LEFT JOIN uniqueness u ON u.workspace_id = k.w AND u.digest = d.uniqueness_digest
      AND u.expires_at > $1::text) AS escalations`;

export function lookUpParameters(lookUp: LookUp, isoSecond: string): unknown[] {
  const { heads, idempotency, subjects, digests, counters, targets, escalations } = lookUp;
  const workspaces = (items: readonly { workspaceId: number }[]) =>
    integerColumn(items.map((item) => item.workspaceId));
  return [
    isoSecond,
    integerColumn(heads),
    workspaces(idempotency),
    bytesColumn(idempotency.map((item) => item.keyHmac)),
    workspaces(subjects),
    textColumn(subjects.map((item) => item.subject)),
    textColumn(subjects.map((item) => item.facet)),
    workspaces(digests),
    textColumn(digests.map((item) => item.digest)),
    workspaces(counters),
    textColumn(counters.map((item) => item.counter)),
    textColumn(counters.map((item) => item.period)),
    workspaces(targets),
    textColumn(targets.map((item) => item.decision)),
    workspaces(escalations),
    textColumn(escalations.map((item) => item.id)),
  ];
}

type Columns = Record<string, never>;

export interface LookUpRow extends Pick<Found, 'subjects' | 'digests' | 'counters'> {
  readonly heads: readonly { head: Columns; chain_hex: string }[];
  readonly replays: readonly Columns[];
  readonly targets: readonly {
    workspace_id: number;
    decision: string;
    row: Columns;
    state: string | null;
    reversed_by: number | null;
    holder: number | null;
    held_until: string;
  }[];
  readonly escalations: readonly EscalationRow[];
}

interface EscalationRow {
  readonly canonical: string;
  readonly status: EscalationStatus;
  readonly expires_at: string;
  readonly result_decision_id: number | null;
  readonly state: string | null;
  readonly holder: number | null;
  readonly held_until: string;
}

export function readFound(row: LookUpRow): Found {
  return {
    ...row,
    heads: row.heads.map(({ head, chain_hex }) => readHead(head, Buffer.from(chain_hex, 'hex'))),
    replays: row.replays.map((replay) => ({
      workspaceId: replay['workspace_id'] ?? 0,
      requestId: replay['request_id'] ?? '',
      keyHmac: Buffer.from(replay['key_hmac'] ?? '', 'hex'),
      fingerprint: Buffer.from(replay['fingerprint'] ?? '', 'hex'),
      sealedAnswer: Buffer.from(replay['sealed_answer'] ?? '', 'hex'),
    })),
    targets: row.targets.map((found) => ({
      workspaceId: found.workspace_id,
      decision: found.decision,
      state: found.state,
      target: readTarget(found.row, found.reversed_by),
      holder: readHolder(found),
    })),
    escalations: row.escalations.map(readEscalation),
  };
}

function readHead(head: Columns, chain: Buffer): LedgerHead {
  return {
    workspaceId: head['workspace_id'] ?? 0,
    tenant: head['tenant'] ?? '',
    decisionId: Number(head['decision_id']),
    chain,
    recordedAt: head['recorded_at'] ?? '',
    killSwitch: {
      engaged: head['kill_switch_engaged'] ?? DEFAULT_KILL_SWITCH.engaged,
      reason: head['kill_switch_reason'] ?? null,
      decisionId: head['kill_switch_decision_id'] === null ? null : Number(head['kill_switch_decision_id']),
      changedAt: head['kill_switch_changed_at'] ?? null,
      changedBy: head['kill_switch_changed_by'] ?? null,
    },
    policyVersion: head['policy_version'] ?? 0,
    policyJson: head['policy'] ?? '',
  };
}

function readTarget(row: Columns, reversedBy: number | null): ReversalTarget {
  return {
    decisionId: Number(row['decision_id']),
    agent: row['agent'] ?? '',
    action: row['action'] ?? '',
    kind: row['kind'] as unknown as ReversalTarget['kind'],
    subject: row['subject'] ?? null,
    facet: row['facet'] ?? null,
    fromState: row['from_state'] ?? null,
    toState: row['to_state'] ?? null,
    status: row['status'] as unknown as ReversalTarget['status'],
    tier: row['tier'] ?? null,
    storeId: row['store_id'] ?? null,
    reversible: row['reversible'] ?? false,
    budget: row['budget'] ?? null,
    budgetMinor: row['budget_minor'] ?? null,
    uniquenessDigest: row['uniqueness_digest'] ?? null,
    recordedAt: row['recorded_at'] ?? '',
    reversedBy,
  };
}

function readHolder({
  holder,
  held_until,
}: {
  holder: number | null;
  held_until: string;
}): DigestHolder | null {
  return holder === null ? null : { decisionId: holder, expiresAt: held_until };
}

function readEscalation(row: EscalationRow): FoundEscalation {
  return {
    state: row.state,
    holder: readHolder(row),
    escalated: {
      row: parseCanonical(row.canonical),
      leaf: leafOf(row.canonical).toString('hex'),
      status: row.status,
      expiresAt: row.expires_at,
      resultDecisionId: row.result_decision_id,
    },
  };
}
