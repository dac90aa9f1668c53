import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { Database } from './database.js';

const EVERY_MS = 10 * 60 * 1_000;

/** Removes first answers that have served their time. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('housekeeping');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      // What could not be removed now is found the next time.
      this.deleteExpired().catch((error) => this.logger.warn(error));
    }, EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async deleteExpired(): Promise<void> {
    const text = 'DELETE FROM idempotency WHERE expires_at <= $1';
    await this.database.across.query({ text, values: [this.clock.date()] });
  }
}
