import type { DueDeliveries } from '../storage/due-deliveries.js';
import { dueEndpoints, endpointsByBreaker, openDeliveries } from './metrics.js';

export interface DueTickerOptions {
  readonly due: DueDeliveries;
  /** Has some worker look at each of these endpoints. */
  readonly ring: (endpointIds: readonly number[]) => Promise<void>;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

const TICK_MS = 1_000;
const COUNT_EVERY_MS = 15_000;
/** More wait for the next tick, which is soon. */
const ENDPOINTS_MAX = 5_000;

/** Rings for every endpoint that has something due: what a lost bell, a wiped Redis or a crash left behind too. */
export class DueTicker {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private countedAt = Number.NEGATIVE_INFINITY;
  private isStopped = false;

  constructor(private readonly options: DueTickerOptions) {}

  start(): void {
    this.running = this.tick().finally(() => {
      if (!this.isStopped) this.timer = setTimeout(() => this.start(), TICK_MS);
    });
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Rings for what is due at that instant, and says for how many endpoints. */
  async enqueueDue(nowMs: number): Promise<number> {
    const ids = await this.options.due.endpoints(new Date(nowMs), ENDPOINTS_MAX);
    dueEndpoints.set(ids.length);
    await this.options.ring(ids);
    return ids.length;
  }

  private async tick(): Promise<void> {
    const { now, onFault } = this.options;
    await this.enqueueDue(now()).catch(onFault);
    if (performance.now() - this.countedAt < COUNT_EVERY_MS) return;
    this.countedAt = performance.now();
    await this.count().catch(onFault);
  }

  private async count(): Promise<void> {
    const { pending, retrying, byBreaker } = await this.options.due.counts();
    openDeliveries.set({ status: 'pending' }, pending);
    openDeliveries.set({ status: 'retrying' }, retrying);
    for (const [state, count] of Object.entries(byBreaker)) endpointsByBreaker.set({ state }, count);
  }
}
