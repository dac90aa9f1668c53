import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from './database.js';

const FIND_SQL = 'SELECT position FROM event_cursor WHERE source = $1 AND shard = $2';
const MAKE_SQL = `
  INSERT INTO event_cursor (source, shard, position) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`;
const MOVE_SQL = 'UPDATE event_cursor SET position = $3 WHERE source = $1 AND shard = $2';

/** How far a source's shards have been turned into deliveries. */
@Injectable()
export class EventCursors {
  constructor(private readonly database: Database) {}

  /** 0 before the first event. */
  async position(source: string, shard: number): Promise<number> {
    return this.read(this.database.across, FIND_SQL, [source, shard]);
  }

  /** As `position`; nobody else moves it until the transaction ends. */
  async lock(transaction: Queryable, source: string, shard: number): Promise<number> {
    await transaction.query({ text: MAKE_SQL, values: [source, shard] });
    return this.read(transaction, `${FIND_SQL} FOR UPDATE`, [source, shard]);
  }

  async move(transaction: Queryable, source: string, shard: number, position: number): Promise<void> {
    await transaction.query({ text: MOVE_SQL, values: [source, shard, position] });
  }

  private async read(on: Queryable, text: string, values: unknown[]): Promise<number> {
    const [row] = await on.query<{ position: string }>({ text, values });
    return Number(row?.position ?? 0);
  }
}
