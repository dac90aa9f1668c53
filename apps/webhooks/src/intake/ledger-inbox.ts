import type { ConsumedEvent, Inbox } from '@magistry/outbox';
import type { Clock } from '../domain/clock.js';
import type { Database } from '../storage/database.js';
import type { EventCursors } from '../storage/event-cursors.js';
import type { EventWeeks } from '../storage/event-weeks.js';
import type { FanOut } from '../storage/fan-out.js';
import { ledgerEvent } from './ledger-event.js';
import { notePosition } from './metrics.js';
import { watchFanOut } from './watch-fan-out.js';

const SOURCE = 'decisions';

/** What taking in the ledger's events stands on. */
export interface InboxParts {
  readonly database: Database;
  readonly cursors: EventCursors;
  readonly weeks: EventWeeks;
  readonly fanOut: FanOut;
  readonly clock: Clock;
}

/** One shard of the ledger's events: their deliveries and the place behind them are one commit. */
export class LedgerInbox implements Inbox {
  constructor(
    private readonly shard: number,
    private readonly parts: InboxParts,
  ) {}

  position(): Promise<number> {
    return this.parts.cursors.position(SOURCE, this.shard);
  }

  async take(events: readonly ConsumedEvent[]): Promise<void> {
    const { database, cursors, weeks, fanOut, clock } = this.parts;
    const read = events.map(({ position, bytes }) => ({ position, event: ledgerEvent(bytes) }));
    await weeks.ensure(read.map(({ event }) => event.createdAt));
    await database.transactionAcross(async (transaction) => {
      const position = await cursors.lock(transaction, SOURCE, this.shard);
      const fresh = read.filter((one) => one.position > position);
      const last = fresh.at(-1);
      if (!last) return;
      const told = fresh.map(({ event }) => event);
      const now = new Date(clock.now());
      await watchFanOut({ source: SOURCE }, told, (traced) => fanOut.tell(transaction, traced, now));
      await cursors.move(transaction, SOURCE, this.shard, last.position);
    });
    notePosition(this.shard, await this.position());
  }
}
