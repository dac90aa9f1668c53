import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Clock } from '../domain/clock.js';
import type { Credits } from './credits.js';

const EVERY_MS = 30_000;
/** Younger ones are still being charged by the request that sent them. */
const AGE_MS = 30_000;
const TOGETHER_MAX = 200;

/** Charges messages whose process died, or whose identity service was away, between their commit and their charge. */
export class CreditCollector implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('credits');
  private timer: NodeJS.Timeout | undefined;
  private collecting: Promise<void> | undefined;

  constructor(
    private readonly credits: Credits,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.collect(), EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.collecting;
  }

  /** One collection at a time; what fails is there the next time. */
  collect(): Promise<void> {
    this.collecting ??= this.credits
      .collect(new Date(this.clock.now() - AGE_MS), TOGETHER_MAX)
      .catch((error) => this.logger.warn(error))
      .finally(() => {
        this.collecting = undefined;
      });
    return this.collecting;
  }
}
