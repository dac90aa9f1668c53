import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Answered } from './gateway.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

/** A decision that a caller was told of. */
export interface Acknowledged {
  readonly workspace: TestWorkspace;
  readonly key: string;
  readonly decisionId: number;
  readonly status: string;
  readonly proposal: ReturnType<typeof aSmallStep>;
}

const BETWEEN_PROPOSALS_MS = 5;
const BEFORE_RETRY_MS = 50;
const OUTAGE_MS_MAX = 30_000;
const PASSING = new Set([429, 503, 504]);

/** Applied under the default policy, as often as one likes: each on evidence of its own. */
export function aSmallStep(reference: string) {
  return {
    action: 'PRICE_CHANGE',
    sku: `sku-${reference}`,
    delta_eur: -0.01,
    evidence_tier: 'A',
    evidence_ref: `rsx://signals/${reference}`,
  };
}

/** Callers that propose one after the other and repeat an unanswered request under its key, as partners do. */
export class ProposalLoad {
  readonly acknowledged: Acknowledged[] = [];
  readonly refused: string[] = [];
  private readonly run = randomUUID();
  private readonly latestAskedAt = new Map<TestWorkspace, number>();
  private readonly callers: Promise<void>[];
  private isRunning = true;

  constructor(
    readonly workspaces: readonly TestWorkspace[],
    callersEach: number,
  ) {
    this.callers = workspaces.flatMap((workspace) =>
      Array.from({ length: callersEach }, (_, caller) => this.call(workspace, caller)),
    );
  }

  /** Whether every workspace got an answer to a request that was sent after `instantMs` (performance.now). */
  isAnsweredSince(instantMs: number): boolean {
    return this.workspaces.every((workspace) => (this.latestAskedAt.get(workspace) ?? 0) > instantMs);
  }

  /** Starts no more proposals and waits for those that have been started. */
  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.callers);
  }

  private async call(workspace: TestWorkspace, caller: number): Promise<void> {
    for (let count = 0; this.isRunning; count += 1) {
      await this.proposeUntilAnswered(workspace, `${this.run}-${workspace.id}-${caller}-${count}`);
      await pause(BETWEEN_PROPOSALS_MS);
    }
  }

  private async proposeUntilAnswered(workspace: TestWorkspace, key: string): Promise<void> {
    const proposal = aSmallStep(key);
    const deadline = performance.now() + OUTAGE_MS_MAX;
    while (performance.now() < deadline) {
      const askedAt = performance.now();
      const answered = await workspace.client
        .propose(proposal, { 'idempotency-key': key })
        .catch(() => undefined);
      if (answered === undefined || isPassing(answered)) {
        await pause(BEFORE_RETRY_MS);
        continue;
      }
      this.latestAskedAt.set(workspace, Math.max(askedAt, this.latestAskedAt.get(workspace) ?? 0));
      if (answered.status !== 200) this.refused.push(answered.text);
      else {
        const { decision_id: decisionId, status } = answered.json;
        this.acknowledged.push({ workspace, key, decisionId, status, proposal });
      }
      return;
    }
    this.refused.push(`${key} got no answer for ${OUTAGE_MS_MAX / 1_000} s`);
  }
}

function isPassing({ status, json }: Answered): boolean {
  return PASSING.has(status) || json?.code === 'idempotency_in_progress';
}
