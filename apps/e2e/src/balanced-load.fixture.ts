import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Balancer } from './balancer.fixture.js';
import type { Answered } from './gateway.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const BETWEEN_REQUESTS_MS = 50;
/** One request in this many reads the ledger instead of proposing. */
const READ_EVERY = 4;

export interface BalancedCaller {
  readonly workspace: TestWorkspace;
  /** The caller's own, so that gateways keep looking keys up. */
  readonly key: string;
}

/** Callers behind a balancer that try once again what was answered 503 with Retry-After, and nothing else. */
export class BalancedLoad {
  /** Places of the decisions that callers were told of, by workspace. */
  readonly acknowledged = new Map<TestWorkspace, number[]>();
  readonly failures: string[] = [];
  requests = 0;
  retried = 0;
  private readonly callers: Promise<void>[];
  private isRunning = true;

  constructor(
    private readonly balancer: Balancer,
    callers: readonly BalancedCaller[],
  ) {
    for (const { workspace } of callers) this.acknowledged.set(workspace, []);
    this.callers = callers.map((caller) => this.call(caller));
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.callers);
  }

  private async call(caller: BalancedCaller): Promise<void> {
    for (let count = 0; this.isRunning; count += 1) {
      await this.ask(caller, count % READ_EVERY === 0);
      await pause(BETWEEN_REQUESTS_MS);
    }
  }

  private async ask({ workspace, key }: BalancedCaller, isRead: boolean): Promise<void> {
    const reference = randomUUID();
    const send = () => {
      const client = this.balancer.next(key);
      if (isRead) return client.get('/v1/decisions?limit=5');
      return client.propose(aSmallStep(reference), { 'idempotency-key': reference });
    };
    this.requests += 1;
    try {
      const answered = await this.retryOnce(send);
      if (answered.status !== 200) this.failures.push(`${answered.status} ${answered.text}`);
      else if (!isRead) this.acknowledged.get(workspace)?.push(answered.json.decision_id);
    } catch (error) {
      this.failures.push(`no answer: ${(error as Error).message}`);
    }
  }

  private async retryOnce(send: () => Promise<Answered>): Promise<Answered> {
    const first = await send();
    const retryAfterSeconds = Number(first.headers['retry-after']);
    if (first.status !== 503 || !(retryAfterSeconds > 0)) return first;
    this.retried += 1;
    await pause(retryAfterSeconds * 1_000);
    return send();
  }
}
