import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Clock } from '../domain/clock.js';
import type { CostLedger } from '../storage/cost-ledger.js';
import { countSpent } from './metrics.js';

const EVERY_MS = 10_000;
/** A process that lives has heard of its run's end, and settled, within one lease: it renews three times in it. */
const LEASES_WAITED = 2;
/** At the first look, and behind an outage: as long as any limit counts. */
const FIRST_LOOK_BACK_MS = 31 * 24 * 60 * 60 * 1_000;
/** Longer than any run lasts, so that its first call is found when it has ended. */
const LOOK_BACK_MS = 20 * 60 * 1_000;
const NO_TOKENS = { promptTokens: 0, completionTokens: 0 };

/**
 * Settles the model calls of runs that ended while their process was dead: a run that is cancelled then is taken over
 * by nobody. What such a call cost is not known, so it is charged as it was reserved, the most that it can be.
 */
export class AbandonedCalls implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('abandoned-calls');
  private timer: NodeJS.Timeout | undefined;
  private settling: Promise<void> | undefined;
  private lookBackMs = FIRST_LOOK_BACK_MS;

  constructor(
    private readonly costs: CostLedger,
    private readonly clock: Clock,
    private readonly leaseMs: number,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.settle(), EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.settling;
  }

  /** One look at a time. After one that fails, the database may have been away for long. */
  settle(): Promise<void> {
    this.settling ??= this.look()
      .catch((error) => {
        this.lookBackMs = FIRST_LOOK_BACK_MS;
        this.logger.warn(error);
      })
      .finally(() => {
        this.settling = undefined;
      });
    return this.settling;
  }

  private async look(): Promise<void> {
    const now = this.clock.now();
    const endedBefore = new Date(now - LEASES_WAITED * this.leaseMs);
    const reservedSince = new Date(now - this.lookBackMs);
    const settled = await this.costs.settleAbandoned(reservedSince, endedBefore, new Date(now));
    for (const micros of settled) countSpent(NO_TOKENS, micros);
    this.lookBackMs = LOOK_BACK_MS;
  }
}
