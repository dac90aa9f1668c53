import { setTimeout as pause } from 'node:timers/promises';
import { DeliveryNotices } from '../storage/delivery-notices.js';
import type { DueDeliveries } from '../storage/due-deliveries.js';
import { dueEndpoints, endpointsByBreaker, openDeliveries } from './metrics.js';

export interface DueWatchOptions {
  readonly due: DueDeliveries;
  readonly databaseUrl: string;
  /** Has some worker look at each of these endpoints. */
  readonly ring: (endpointIds: readonly number[]) => Promise<void>;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

const TICK_MS = 1_000;
const COUNT_EVERY_MS = 15_000;
/** More wait for the next tick, which is soon. */
const ENDPOINTS_MAX = 5_000;

/**
 * Rings for every endpoint that has something due: at once for what was just committed, and by looking every second
 * for what a schedule, a lost bell, a wiped Redis or a crash left behind. One of all workers does it at a time.
 */
export class DueWatch {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private countedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: DueWatchOptions) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Rings for what is due at that instant, and says for how many endpoints. */
  async enqueueDue(nowMs: number): Promise<number> {
    const ids = await this.options.due.endpoints(new Date(nowMs), ENDPOINTS_MAX);
    dueEndpoints.set(ids.length);
    await this.options.ring(ids);
    return ids.length;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.watch().catch(this.options.onFault);
      await pause(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** As long as the connection stands. */
  private async watch(): Promise<void> {
    const { databaseUrl, ring } = this.options;
    const notices = new DeliveryNotices(databaseUrl, (ids) => void ring(ids).catch(this.options.onFault));
    try {
      await notices.connect();
      let isListening = false;
      while (!this.stopping.signal.aborted) {
        isListening ||= await notices.listen();
        if (isListening) await this.look();
        const tick = pause(TICK_MS, true, { signal: this.stopping.signal }).catch(() => false);
        if (!(await Promise.race([tick, notices.ended.then(() => false)]))) return;
      }
    } finally {
      await notices.close();
    }
  }

  private async look(): Promise<void> {
    await this.enqueueDue(this.options.now()).catch(this.options.onFault);
    if (performance.now() - this.countedAt < COUNT_EVERY_MS) return;
    this.countedAt = performance.now();
    const { pending, retrying, byBreaker } = await this.options.due.counts();
    openDeliveries.set({ status: 'pending' }, pending);
    openDeliveries.set({ status: 'retrying' }, retrying);
    for (const [state, count] of Object.entries(byBreaker)) endpointsByBreaker.set({ state }, count);
  }
}
