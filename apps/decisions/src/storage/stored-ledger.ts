import type { Queryable } from '@magistry/persistence';
import type { Decision } from '../domain/decision.js';
import { parseFactor, parseGate } from '../domain/parse-canonical.js';
import type { StoredSettlement } from '../domain/verify-escalations.js';
import type { StoredDecision } from '../domain/verify-ledger.js';

const ROWS_PER_READ = 1_000;

interface Head {
  readonly decisionId: number;
  readonly chain: Buffer;
}

interface SettlementRow {
  readonly decision_id: string;
  readonly status: StoredSettlement['status'];
  readonly expires_at: string;
  readonly result_decision_id: string | null;
}

type DecisionRow = Record<string, never> & { readonly canonical: string; readonly chain: Buffer };

/** The ledger as its visible columns show it, for the verifier. */
export class StoredLedger {
  constructor(private readonly on: Queryable) {}

  /** Every workspace that has rows or a head. */
  async workspaces(): Promise<number[]> {
    const rows = await this.on.query<{ workspace_id: number }>({
      text: 'SELECT workspace_id FROM ledger_head UNION SELECT workspace_id FROM decision_log ORDER BY workspace_id',
    });
    return rows.map((row) => row.workspace_id);
  }

  async head(workspaceId: number): Promise<Head | null> {
    const rows = await this.on.query<{ decision_id: string; chain: Buffer }>({
      text: 'SELECT decision_id, chain FROM ledger_head WHERE workspace_id = $1',
      values: [workspaceId],
    });
    return rows[0] ? { decisionId: Number(rows[0].decision_id), chain: rows[0].chain } : null;
  }

  /** What the escalation table says, in the order of the decisions. */
  async escalations(workspaceId: number): Promise<StoredSettlement[]> {
    const rows = await this.on.query<SettlementRow>({
      text: `SELECT decision_id, status, expires_at, result_decision_id FROM escalation
        WHERE workspace_id = $1 ORDER BY decision_id`,
      values: [workspaceId],
    });
    return rows.map((row) => ({
      decisionId: Number(row.decision_id),
      status: row.status,
      expiresAt: row.expires_at,
      resultDecisionId: row.result_decision_id === null ? null : Number(row.result_decision_id),
    }));
  }

  /** The first workspace behind this one that has rows or a head; 0 when there is none. */
  async workspaceAfter(workspaceId: number): Promise<number> {
    const rows = await this.on.query<{ next: number | null }>({
      text: `SELECT least((SELECT min(workspace_id) FROM ledger_head WHERE workspace_id > $1),
                    (SELECT min(workspace_id) FROM decision_log WHERE workspace_id > $1)) AS next`,
      values: [workspaceId],
    });
    return rows[0]?.next ?? 0;
  }

  async *rows(workspaceId: number): AsyncGenerator<StoredDecision> {
    let behind = 0;
    while (true) {
      const rows = await this.page(workspaceId, behind, ROWS_PER_READ);
      yield* rows;
      if (rows.length < ROWS_PER_READ) return;
      behind = rows.at(-1)?.row.decisionId ?? behind;
    }
  }

  /** The next rows behind a decision, in order. */
  async page(workspaceId: number, behind: number, limit: number): Promise<StoredDecision[]> {
    const rows = await this.on.query<DecisionRow>({
      text: `SELECT *, parameters::text AS parameters FROM decision_log
        WHERE workspace_id = $1 AND decision_id > $2 ORDER BY decision_id LIMIT $3`,
      values: [workspaceId, behind, limit],
    });
    return rows.map((row) => ({ row: visibleRow(row), canonical: row.canonical, chain: row.chain }));
  }
}

function visibleRow(row: Record<string, never>): Decision {
  const text = (name: string): string | null => row[name] ?? null;
  const number = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
  const list = (name: string): Record<string, unknown>[] => row[name] ?? [];
  return {
    workspaceId: number('workspace_id') ?? 0,
    decisionId: number('decision_id') ?? 0,
    id: text('id') ?? '',
    kind: text('kind') as Decision['kind'],
    agent: text('agent') ?? '',
    action: text('action') ?? '',
    subject: text('subject'),
    facet: text('facet'),
    fromState: text('from_state'),
    toState: text('to_state'),
    status: text('status') as Decision['status'],
    judge: text('judge'),
    judgeScoreBasisPoints: number('judge_score'),
    judgeFactors: list('judge_factors').map(parseFactor),
    tier: text('tier'),
    evidence: list('evidence') as unknown as string[],
    gates: list('gates').map(parseGate),
    concerns: list('concerns').map(parseGate),
    parametersJson: text('parameters'),
    reversal: text('reversal'),
    reversible: row['reversible'] ?? false,
    storeId: text('store_id'),
    cycle: text('cycle'),
    reason: text('reason'),
    reverses: number('reverses'),
    approves: number('approves'),
    policyVersion: number('policy_version') ?? 0,
    budget: text('budget'),
    budgetMinor: number('budget_minor'),
    uniquenessDigest: text('uniqueness_digest'),
    appliedAt: text('applied_at'),
    appliedBy: text('applied_by'),
    recordedAt: text('recorded_at') ?? '',
  };
}
