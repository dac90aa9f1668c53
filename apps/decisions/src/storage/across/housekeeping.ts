import type { Pool } from '@magistry/persistence';
import { dayOf, wholeSecond } from '../../domain/clock.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const OUTBOX_DAYS = 7;
const COUNTER_DAYS = 2;

/** Removes what has served its time. Never anything of the log. */
export class Housekeeping {
  constructor(private readonly across: Pool) {}

  /** Idempotency rows after 24 hours, relayed events after 7 days, counters of past periods after 2. */
  async deleteExpired(nowUnixMs: number): Promise<void> {
    const now = wholeSecond(nowUnixMs);
    await this.across.query('DELETE FROM idempotency WHERE expires_at <= $1', [now]);
    await this.across.query('DELETE FROM uniqueness WHERE expires_at <= $1', [now]);
    await this.across.query('DELETE FROM counter WHERE period < $1', [
      dayOf(wholeSecond(nowUnixMs - COUNTER_DAYS * DAY_MS)),
    ]);
    await this.across.query(
      `DELETE FROM outbox o USING outbox_relay r
        WHERE r.shard = o.shard AND o.position <= r.position AND o.created_at < $1`,
      [wholeSecond(nowUnixMs - OUTBOX_DAYS * DAY_MS)],
    );
  }
}
