import { LRUCache } from 'lru-cache';
import { genesisOf } from '../domain/canonical.js';
import type { Command } from '../domain/commands.js';
import type { ReversalTarget } from '../domain/decision.js';
import { type EscalatedDecision, type EscalationStatus, escalationIdOf } from '../domain/escalation.js';
import { DEFAULT_KILL_SWITCH, type LedgerState } from '../domain/ledger-state.js';
import type { LedgerHead } from '../storage/ledger-batch.js';
import type { DigestHolder, Found, FoundEscalation, Replay } from '../storage/ledger-look-up.js';

const HEADS_MAX = 10_000;
const COUNTERS_MAX = 50_000;

/** Parts of a key are joined with a character that no part can hold. */
export function keyOf(...parts: readonly (string | number)[]): string {
  return parts.join('\u0000');
}

/**
 * What the writer knows of its shard. Heads and counters stay between batches, since nobody else may change
 * them; what a batch touches beside is looked up for it and forgotten after.
 */
export class ShardMemory {
  private readonly heads = new LRUCache<number, LedgerHead>({ max: HEADS_MAX });
  private readonly counters = new LRUCache<string, number>({ max: COUNTERS_MAX });
  private readonly subjects = new Map<string, string | null>();
  private readonly digests = new Map<string, { decisionId: number; expiresAt: string }>();
  private readonly targets = new Map<string, ReversalTarget>();
  private readonly escalations = new Map<string, EscalatedDecision>();
  private readonly replays = new Map<string, Replay>();

  hasHead(workspaceId: number): boolean {
    return this.heads.has(workspaceId);
  }

  hasCounter(key: string): boolean {
    return this.counters.has(key);
  }

  /** Begins a batch with what its look-up found; asked-for counters that were not found are zero. */
  load(found: Found, askedCounters: readonly string[]): void {
    this.forgetBatch();
    for (const head of found.heads) this.heads.set(head.workspaceId, head);
    for (const key of askedCounters) this.counters.set(key, 0);
    for (const row of found.counters) {
      this.counters.set(keyOf(row.workspace_id, row.counter, row.period), row.amount);
    }
    for (const row of found.subjects) this.setSubject(row.workspace_id, row.subject, row.facet, row.state);
    for (const row of found.digests) {
      if (row.decision_id !== null) this.hold(row.workspace_id, row.digest, row.decision_id, row.expires_at);
    }
    for (const { workspaceId, decision, target, state, holder } of found.targets) {
      this.targets.set(keyOf(workspaceId, decision), target);
      this.loadHolder(workspaceId, target.uniquenessDigest, holder);
      if (target.subject !== null && target.facet !== null) {
        this.setSubject(workspaceId, target.subject, target.facet, state);
      }
    }
    for (const escalation of found.escalations) this.loadEscalation(escalation);
    for (const replay of found.replays) {
      this.replays.set(keyOf(replay.workspaceId, replay.keyHmac.toString('hex')), replay);
    }
  }

  private loadEscalation({ escalated, state, holder }: FoundEscalation): void {
    const { workspaceId, id, subject, facet, uniquenessDigest } = escalated.row;
    this.escalations.set(keyOf(workspaceId, escalationIdOf(id)), escalated);
    if (subject !== null && facet !== null) this.setSubject(workspaceId, subject, facet, state);
    this.loadHolder(workspaceId, uniquenessDigest, holder);
  }

  private loadHolder(workspaceId: number, digest: string | null, holder: DigestHolder | null): void {
    if (holder && digest !== null) this.hold(workspaceId, digest, holder.decisionId, holder.expiresAt);
  }

  /** Nothing that was decided since the last commit counts. */
  forgetAll(): void {
    this.forgetBatch();
    this.heads.clear();
    this.counters.clear();
  }

  head(workspaceId: number, tenant: string): LedgerHead {
    const head = this.heads.get(workspaceId);
    if (head) return head;
    return {
      workspaceId,
      tenant,
      decisionId: 0,
      chain: genesisOf(workspaceId),
      recordedAt: '',
      killSwitch: DEFAULT_KILL_SWITCH,
      policyVersion: 0,
      policyJson: '',
    };
  }

  stateOf(head: LedgerHead): LedgerState {
    const { workspaceId } = head;
    return {
      ...head,
      counted: (counter, period) => this.counters.get(keyOf(workspaceId, counter, period)) ?? 0,
      subjectState: (subject, facet) => this.subjects.get(keyOf(workspaceId, subject, facet)) ?? null,
      holderOf: (digest, isoSecond) => {
        const holder = this.digests.get(keyOf(workspaceId, digest));
        return holder && holder.expiresAt > isoSecond ? holder.decisionId : null;
      },
      reversalTarget: (decision) => this.targets.get(keyOf(workspaceId, decision)) ?? null,
      escalation: (escalation) => this.escalation(workspaceId, escalation),
    };
  }

  replay(workspaceId: number, keyHmac: Buffer): Replay | undefined {
    return this.replays.get(keyOf(workspaceId, keyHmac.toString('hex')));
  }

  setHead(head: LedgerHead): void {
    this.heads.set(head.workspaceId, head);
  }

  count(workspaceId: number, counter: string, period: string, amount: number): void {
    const key = keyOf(workspaceId, counter, period);
    const present = this.counters.get(key);
    // A counter that is not in memory is read from its row when it is next asked for.
    if (present !== undefined) this.counters.set(key, present + amount);
  }

  setSubject(workspaceId: number, subject: string, facet: string, state: string | null): void {
    this.subjects.set(keyOf(workspaceId, subject, facet), state);
  }

  hold(workspaceId: number, digest: string, decisionId: number, expiresAt: string): void {
    this.digests.set(keyOf(workspaceId, digest), { decisionId, expiresAt });
  }

  free(workspaceId: number, digest: string): void {
    this.digests.delete(keyOf(workspaceId, digest));
  }

  /** A second reversal in the same batch must see the first, by number and by id. */
  markReversed(workspaceId: number, decisionId: number, reversedBy: number): void {
    for (const [key, target] of this.targets) {
      const isSame = target.decisionId === decisionId && key.startsWith(keyOf(workspaceId, ''));
      if (isSame) this.targets.set(key, { ...target, reversedBy });
    }
  }

  /** The escalation that a command is about, as it stands now. */
  answered(workspaceId: number, command: Command): EscalatedDecision | null {
    return 'escalation' in command ? this.escalation(workspaceId, command.escalation) : null;
  }

  private escalation(workspaceId: number, escalation: string): EscalatedDecision | null {
    return this.escalations.get(keyOf(workspaceId, escalation)) ?? null;
  }

  /** The next answer in the same batch must see this one. */
  answerEscalation(
    workspaceId: number,
    decisionId: number,
    status: EscalationStatus,
    resultDecisionId: number,
  ) {
    for (const [key, escalated] of this.escalations) {
      const { row } = escalated;
      if (row.workspaceId !== workspaceId || row.decisionId !== decisionId) continue;
      this.escalations.set(key, { ...escalated, status, resultDecisionId });
    }
  }

  private forgetBatch(): void {
    this.subjects.clear();
    this.digests.clear();
    this.targets.clear();
    this.escalations.clear();
    this.replays.clear();
  }
}
