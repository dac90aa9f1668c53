import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually } from './eventually.fixture.js';
import { type Answered, GatewayClient } from './gateway.fixture.js';
import { readLedger, verifyLedger } from './ledger.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import type { SeededRandom } from './seeded-random.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { killProcess, type RunningSystem, untilReady } from './system.fixture.js';
import type { TestWorkspace, Workspaces } from './workspaces.fixture.js';

/** Keys of which copies are under way at the same time. */
const KEYS_AT_ONCE = 12;
const COPIES_MAX = 20;
/** Doubled up to the second of `Retry-After`, so that copies that wait do not crowd out the one that runs. */
const FIRST_WAIT_MS = 40;
const LONGEST_WAIT_MS = 1_000;
const ANSWER_MS_MAX = 60_000;
const BACK_MS_MAX = 20_000;

export type Fault =
  | 'flush redis'
  | 'kill redis'
  | 'kill gateway'
  | 'kill second gateway'
  | 'kill decisions'
  | 'kill planner';

/** Many copies of each of many proposals, at once and to either of two gateways, while faults happen. */
export class Copies {
  readonly injected: Fault[] = [];
  readonly answers = new Map<string, Set<string>>();
  copies = 0;
  retries = 0;
  private isDone = false;

  private constructor(
    private readonly system: RunningSystem,
    private readonly workspace: TestWorkspace,
    private readonly credential: string,
    private readonly random: SeededRandom,
    private readonly redis: Redis,
    private second: ServiceProcess,
  ) {}

  static async open(system: RunningSystem, workspaces: Workspaces, random: SeededRandom): Promise<Copies> {
    const workspace = await workspaces.createOpen();
    await workspace.client.write('PUT', '/v1/planner/policy', {
      velocity_per_minute: 0,
      price_budget_eur_per_day: 1_000_000,
    });
    const credential = await workspaces.createKey(workspace.id, ['*']);
    const second = await ServiceProcess.start(system, 'gateway');
    const redis = new Redis(system.redisUrl);
    // While Redis is killed, what is asked of it waits until it is back.
    redis.on('error', () => {});
    return new Copies(system, workspace, credential, random, redis, second);
  }

  async close(): Promise<void> {
    this.redis.disconnect();
    await this.second.kill();
  }

  /** Resolves when every copy of `keys` keys has its answer, each of `faults` having happened meanwhile. */
  async run(keys: number, faults: readonly Fault[]): Promise<void> {
    const names = Array.from({ length: keys }, (_, index) => `copied-${this.random.seed}-${index}`);
    const remaining = [...names];
    const injecting = this.inject(faults, () => 1 - remaining.length / keys);
    const take = async () => {
      for (let name = remaining.pop(); name !== undefined; name = remaining.pop()) await this.ask(name);
    };
    await Promise.all(Array.from({ length: KEYS_AT_ONCE }, take));
    this.isDone = true;
    await injecting;
  }

  /** One row for each key, one answer for each key, and the same one again after everything was flushed. */
  async expectOneEffectEach(): Promise<void> {
    await untilReady(this.system);
    const rows = await readLedger(this.workspace.client);
    const proposed = rows.filter(({ action }) => action === 'PRICE_CHANGE').map(({ subject }) => subject);
    expect(proposed.sort()).toEqual([...this.answers.keys()].map((name) => `sku-${name}`).sort());
    const told = [...this.answers.values()].map((texts) => texts.size);
    expect(told).toEqual(told.map(() => 1));
    await this.redis.flushall();
    for (const [name, texts] of [...this.answers].slice(0, 50)) {
      const again = await this.copy(name, 0);
      expect([again.text, again.headers['idempotent-replayed']]).toEqual([[...texts][0], 'true']);
    }
    process.stdout.write(
      `    ${this.answers.size} keys, ${this.copies} copies, ${this.retries} retries; ` +
        `${this.injected.join(', ')}; ${await verifyLedger(this.system)}\n`,
    );
  }

  private async ask(name: string): Promise<void> {
    const copies = this.random.integer(2, COPIES_MAX);
    const answers = await Promise.all(Array.from({ length: copies }, (_, copy) => this.copy(name, copy)));
    this.copies += copies;
    this.answers.set(name, new Set(answers.map(({ text }) => text)));
  }

  /** One copy, repeated under its key until it has an answer for good. */
  private copy(name: string, copy: number): Promise<Answered> {
    const proposal = aSmallStep(name);
    let latest = 'nothing';
    let waitMs = 0;
    return eventually(ANSWER_MS_MAX, async () => {
      if (waitMs > 0) {
        this.retries += 1;
        await pause(waitMs);
      }
      waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, waitMs * 2));
      const answered = await this.clientOf(copy)
        .propose(proposal, { 'idempotency-key': name })
        .catch((error: Error) => error);
      latest = answered instanceof Error ? answered.message : answered.text;
      if (answered instanceof Error || answered.status !== 200) throw new Error(`${name}: ${latest}`);
      return answered;
    });
  }

  private clientOf(copy: number): GatewayClient {
    const url = copy % 2 === 0 ? this.system.gatewayUrl : this.second.url;
    return new GatewayClient(url, this.credential);
  }

  // Spread over the run by how much of it is done, so that each falls into the load on any machine.
  private async inject(faults: readonly Fault[], progress: () => number): Promise<void> {
    for (const [index, fault] of faults.entries()) {
      while (!this.isDone && progress() < (index + 0.5) / faults.length) await pause(5);
      await pause(this.random.integer(0, 20));
      await this.injectOne(fault);
      this.injected.push(fault);
    }
  }

  private async injectOne(fault: Fault): Promise<void> {
    switch (fault) {
      case 'flush redis':
        await this.redis.flushall();
        return;
      case 'kill redis':
      case 'kill gateway':
      case 'kill decisions':
      case 'kill planner':
        return killProcess(this.system, fault.slice('kill '.length));
      case 'kill second gateway': {
        await this.second.kill();
        this.second = await eventually(BACK_MS_MAX, () => ServiceProcess.start(this.system, 'gateway'));
      }
    }
  }
}
