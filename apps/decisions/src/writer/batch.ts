import { Buffer } from 'node:buffer';
import type { AnswerSeal } from '@magistry/idempotency';
import { principalOf, ulidFactory, workspaceOf } from '@magistry/request-context';
import { type AuditedRequest, auditOf } from '../domain/audit.js';
import { canonicalJson, leafOf, linkOf } from '../domain/canonical.js';
import { wholeSecond } from '../domain/clock.js';
import type { Decision } from '../domain/decision.js';
import type { Consequences, DecisionDraft } from '../domain/outcome.js';
import type { LedgerBatch, LedgerHead } from '../storage/ledger-batch.js';
import type { PendingAppend } from './append-queue.js';
import type { ShardMemory } from './shard-memory.js';

/** A command with the HMAC that its idempotency row is found by, where it came with a key. */
export interface KeyedAppend {
  readonly append: PendingAppend;
  readonly keyHmac: Buffer | null;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const ulid = ulidFactory();

type Mutable<Shape> = {
  -readonly [Part in keyof Shape]: Shape[Part] extends readonly (infer Item)[] ? Item[] : never;
};

/**
 * Collects what one commit will write while commands are decided in order: numbers and chains each row, and
 * lets the memory follow, so that the next command of the batch sees it.
 */
export class BatchBuilder {
  private readonly written: Mutable<Omit<LedgerBatch, 'heads'>> = {
    decisions: [],
    outbox: [],
    audit: [],
    idempotency: [],
    subjects: [],
    uniqueness: [],
    counters: [],
    escalations: [],
  };
  private readonly heads = new Map<number, LedgerHead>();

  constructor(
    private readonly memory: ShardMemory,
    private readonly seal: AnswerSeal,
    private readonly nowUnixMs: number,
    private lastPosition: number,
  ) {}

  get position(): number {
    return this.lastPosition;
  }

  get isEmpty(): boolean {
    return this.written.decisions.length === 0 && this.written.idempotency.length === 0;
  }

  /** The batch as it will be committed; one row a key for tables that a batch may touch twice. */
  finish(): LedgerBatch {
    return {
      ...this.written,
      heads: [...this.heads.values()],
      subjects: lastOfEach(
        this.written.subjects,
        (item) => `${item.workspaceId}\n${item.subject}\n${item.facet}`,
      ),
      uniqueness: lastOfEach(this.written.uniqueness, (item) => `${item.workspaceId}\n${item.digest}`),
      counters: sumOfEach(this.written.counters),
      escalations: lastOfEach(this.written.escalations, (item) => `${item.workspaceId}\n${item.decisionId}`),
    };
  }

  /** Gives the draft its place, id and link. */
  record(
    head: LedgerHead,
    draft: DecisionDraft,
    consequences: Consequences,
    request: AuditedRequest,
  ): Decision {
    const decisionId = head.decisionId + 1;
    const row: Decision = {
      ...draft,
      workspaceId: head.workspaceId,
      decisionId,
      id: `dec_${ulid(this.nowUnixMs)}`,
    };
    const canonical = canonicalJson(row);
    const chain = linkOf(head.chain, decisionId, leafOf(canonical));
    this.written.decisions.push({ row, canonical, chain });
    this.apply(row, consequences);
    const next: LedgerHead = {
      ...head,
      decisionId,
      chain,
      recordedAt: row.recordedAt,
      ...(consequences.killSwitch && { killSwitch: { ...consequences.killSwitch, decisionId } }),
      ...(consequences.policyJson !== undefined && {
        policyJson: consequences.policyJson,
        policyVersion: head.policyVersion + 1,
      }),
    };
    this.heads.set(head.workspaceId, next);
    this.memory.setHead(next);
    this.publish(row, head.tenant, consequences);
    const audited = auditOf(row, consequences.escalation?.status, request);
    if (audited) this.written.audit.push(audited);
    return row;
  }

  /** Keeps an answer for retries under the same key. */
  remember({ append, keyHmac }: KeyedAppend, answer: string): void {
    const { idempotency, requestId } = append.context;
    if (!keyHmac || !idempotency) return;
    const workspaceId = workspaceOf(append.context).id;
    const principalId = principalOf(append.context).id;
    this.written.idempotency.push({
      workspaceId,
      keyHmac,
      principal: principalId,
      fingerprint: idempotency.fingerprint,
      requestId,
      sealedAnswer: this.seal.seal({ workspaceId, principalId }, idempotency.key, Buffer.from(answer)),
      expiresAt: wholeSecond(this.nowUnixMs + DAY_MS),
    });
  }

  private apply(row: Decision, consequences: Consequences): void {
    const { workspaceId, decisionId } = row;
    for (const { counter, period, amount } of consequences.counters) {
      this.written.counters.push({ workspaceId, counter, period, amount });
      this.memory.count(workspaceId, counter, period, amount);
    }
    if (consequences.subjectState) {
      const { subject, facet, state } = consequences.subjectState;
      this.written.subjects.push({ workspaceId, subject, facet, state });
      this.memory.setSubject(workspaceId, subject, facet, state);
    }
    if (consequences.holdDigest) {
      const expiresAt = wholeSecond(Date.parse(row.recordedAt) + DAY_MS);
      this.written.uniqueness.push({ workspaceId, digest: consequences.holdDigest, decisionId, expiresAt });
      this.memory.hold(workspaceId, consequences.holdDigest, decisionId, expiresAt);
    }
    if (consequences.freeDigest) {
      const expiresAt = row.recordedAt;
      this.written.uniqueness.push({
        workspaceId,
        digest: consequences.freeDigest,
        decisionId: null,
        expiresAt,
      });
      this.memory.free(workspaceId, consequences.freeDigest);
    }
    if (consequences.escalation) this.applyEscalation(row, consequences.escalation);
    if (row.reverses !== null) this.memory.markReversed(workspaceId, row.reverses, decisionId);
  }

  /** The row opens its own escalation, or answers that of the row it approves. */
  private applyEscalation(row: Decision, escalation: NonNullable<Consequences['escalation']>): void {
    const { workspaceId, decisionId, approves, recordedAt } = row;
    const { status } = escalation;
    this.written.escalations.push({
      ...escalation,
      workspaceId,
      decisionId: approves ?? decisionId,
      resultDecisionId: approves === null ? null : decisionId,
      settledAt: status === 'pending' ? null : recordedAt,
    });
    if (approves !== null) this.memory.answerEscalation(workspaceId, approves, status, decisionId);
  }

  private publish(
    { workspaceId, decisionId, recordedAt }: Decision,
    tenant: string,
    { events }: Consequences,
  ): void {
    for (const type of events) {
      this.lastPosition += 1;
      this.written.outbox.push({
        position: this.lastPosition,
        eventId: `evt_${ulid(this.nowUnixMs)}`,
        type,
        workspaceId,
        decisionId,
        tenant,
        createdAt: recordedAt,
      });
    }
  }
}

function lastOfEach<Item>(items: readonly Item[], keyOfItem: (item: Item) => string): Item[] {
  return items.length < 2 ? [...items] : [...new Map(items.map((item) => [keyOfItem(item), item])).values()];
}

type Counted = LedgerBatch['counters'][number];

function sumOfEach(items: readonly Counted[]): Counted[] {
  const sums = new Map<string, Counted>();
  for (const item of items) {
    const key = `${item.workspaceId}\n${item.counter}\n${item.period}`;
    sums.set(key, { ...item, amount: (sums.get(key)?.amount ?? 0) + item.amount });
  }
  return [...sums.values()];
}
