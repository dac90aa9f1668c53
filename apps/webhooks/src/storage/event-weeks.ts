import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** The weeks that events, deliveries and attempts are kept in: made before they are needed, dropped when over. */
@Injectable()
export class EventWeeks {
  private readonly made = new Set<number>();

  constructor(private readonly database: Database) {}

  /** Before events of these times are written. Costs a query for a week that this process has not seen yet. */
  async ensure(times: readonly Date[]): Promise<void> {
    const unseen = times.filter((time) => !this.made.has(weekOf(time)));
    if (unseen.length === 0) return;
    const unixMs = unseen.map((time) => time.getTime());
    await this.make(new Date(Math.min(...unixMs)), new Date(Math.max(...unixMs)));
  }

  async make(first: Date, last: Date): Promise<void> {
    await this.database.across.query({ text: 'SELECT make_partitions($1, $2)', values: [first, last] });
    for (let week = weekOf(first); week <= weekOf(last); week += 1) this.made.add(week);
  }

  /** The names of what was dropped. */
  async dropBefore(keptFrom: Date): Promise<string[]> {
    const text = 'SELECT drop_partitions($1) AS dropped';
    const [row] = await this.database.across.query<{ dropped: string[] }>({ text, values: [keptFrom] });
    const dropped = row?.dropped ?? [];
    if (dropped.length > 0) this.made.clear();
    return dropped;
  }
}

/** Weeks begin on Mondays at 00:00 UTC; 1970 began on a Thursday. */
function weekOf(time: Date): number {
  return Math.floor((time.getTime() - 4 * (WEEK_MS / 7)) / WEEK_MS);
}
