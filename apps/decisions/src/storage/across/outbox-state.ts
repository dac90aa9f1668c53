import type { Queryable } from '@magistry/persistence';

/** How far a shard's events are published. */
export interface OutboxShardState {
  readonly shard: number;
  readonly lastPosition: number;
  readonly publishedPosition: number;
  /** Time of the oldest event behind the published ones, as stored; null when there is none. */
  readonly oldestUnpublishedAt: string | null;
}

interface StateRow {
  readonly shard: number;
  readonly last_position: string;
  readonly published_position: string;
  readonly oldest_unpublished_at: string | null;
}

const STATE_SQL = `
SELECT s.shard, s.position AS last_position, r.position AS published_position,
       (SELECT o.created_at FROM outbox o
         WHERE o.shard = s.shard AND o.position > r.position ORDER BY o.position LIMIT 1) AS oldest_unpublished_at
  FROM ledger_shard s JOIN outbox_relay r ON r.shard = s.shard ORDER BY s.shard`;

/** The outbox as a whole, from the two rows that the writer and the relay keep for each shard. */
export class OutboxState {
  constructor(private readonly across: Queryable) {}

  async read(): Promise<OutboxShardState[]> {
    const rows = await this.across.query<StateRow>({ text: STATE_SQL });
    return rows.map((row) => ({
      shard: row.shard,
      lastPosition: Number(row.last_position),
      publishedPosition: Number(row.published_position),
      oldestUnpublishedAt: row.oldest_unpublished_at,
    }));
  }
}
