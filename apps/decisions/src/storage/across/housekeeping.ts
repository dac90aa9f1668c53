import type { Queryable } from '@magistry/persistence';
import { dayOf, wholeSecond } from '../../domain/clock.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const OUTBOX_DAYS = 7;
const COUNTER_DAYS = 2;

/** Removes what has served its time. Never anything of the log. */
export class Housekeeping {
  constructor(private readonly across: Queryable) {}

  /** Idempotency rows after 24 hours, relayed events after 7 days, counters of past periods after 2. */
  async deleteExpired(nowUnixMs: number): Promise<void> {
    const now = wholeSecond(nowUnixMs);
    const countersBefore = dayOf(wholeSecond(nowUnixMs - COUNTER_DAYS * DAY_MS));
    const eventsBefore = wholeSecond(nowUnixMs - OUTBOX_DAYS * DAY_MS);
    await this.delete('idempotency WHERE expires_at <= $1', now);
    await this.delete('uniqueness WHERE expires_at <= $1', now);
    await this.delete('counter WHERE period < $1', countersBefore);
    await this.delete(
      `outbox o USING outbox_relay r
        WHERE r.shard = o.shard AND o.position <= r.position AND o.created_at < $1`,
      eventsBefore,
    );
  }

  private async delete(rows: string, before: string): Promise<void> {
    await this.across.query({ text: `DELETE FROM ${rows}`, values: [before] });
  }
}
