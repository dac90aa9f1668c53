import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { Database } from '../storage/database.js';
import { EventWeeks } from '../storage/event-weeks.js';
import { SealedSecrets } from '../storage/sealed-secrets.js';

const EVERY_MS = 10 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** An outbox gives events back for a week; what is late finds its place. */
const LATE_MS = 8 * DAY_MS;
const AHEAD_MS = 14 * DAY_MS;

/** How long events, deliveries and attempts are kept, counted from the event; whole weeks go at once. */
const RETENTION_MS = 35 * DAY_MS;

const EXPIRED_SQL = [
  'DELETE FROM idempotency WHERE expires_at <= $1',
  'DELETE FROM published_id WHERE created_at < $1',
] as const;

/** Makes the weeks to come, removes what has served its time, and frees a rotated secret from what it sealed. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('housekeeping');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly weeks: EventWeeks,
    private readonly secrets: SealedSecrets,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const keep = () => {
      // What could not be done now is done the next time.
      this.keepHouse().catch((error) => this.logger.warn(error));
    };
    this.timer = setInterval(keep, EVERY_MS);
    keep();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async keepHouse(): Promise<void> {
    const now = this.clock.now();
    await this.weeks.make(new Date(now - LATE_MS), new Date(now + AHEAD_MS));
    const keptFrom = new Date(now - RETENTION_MS);
    const dropped = await this.weeks.dropBefore(keptFrom);
    if (dropped.length > 0) this.logger.log(`dropped ${dropped.join(', ')}`);
    const [keys, ids] = EXPIRED_SQL;
    await this.database.across.query({ text: keys, values: [new Date(now)] });
    await this.database.across.query({ text: ids, values: [keptFrom] });
    await this.sealAnew();
  }

  private async sealAnew(): Promise<void> {
    const anew = await this.secrets.sealAnew();
    if (!anew) return;
    const { count, lost } = anew;
    this.logger.log(`sealed ${count} secrets anew: nothing needs MAGISTRY_WEBHOOK_SECRET_OTHER any more`);
    if (lost > 0) this.logger.warn(`${lost} secrets open under neither secret: rotate them`);
  }
}
