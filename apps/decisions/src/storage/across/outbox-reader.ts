import type { PublishedEvent } from '@magistry/messaging';
import type { OutboxEvent, OutboxSource } from '@magistry/outbox';
import type { Queryable } from '@magistry/persistence';
import type { EventType } from '../../domain/outcome.js';
import { parseCanonical } from '../../domain/parse-canonical.js';
import { encodeEvent } from '../encode-event.js';

interface OutboxRow {
  readonly position: string;
  readonly event_id: string;
  readonly type: EventType;
  readonly tenant: string;
  readonly created_at: string;
  readonly canonical: string;
}

const READ_SQL = `
SELECT o.position, o.event_id, o.type, o.tenant, o.created_at, d.canonical
  FROM outbox o JOIN decision_log d ON d.workspace_id = o.workspace_id AND d.decision_id = o.decision_id
 WHERE o.shard = $1 AND o.position > $2 ORDER BY o.position LIMIT $3`;

/** A shard's committed events, made from the rows they tell of: the same bytes at every read. */
export class OutboxReader implements OutboxSource {
  constructor(
    private readonly across: Queryable,
    private readonly shard: number,
  ) {}

  async relayedPosition(): Promise<number> {
    const text = 'SELECT position FROM outbox_relay WHERE shard = $1';
    const [row] = await this.across.query<{ position: string }>({ text, values: [this.shard] });
    return Number(row?.position);
  }

  async has({ id, position }: PublishedEvent): Promise<boolean> {
    const text = 'SELECT 1 FROM outbox WHERE shard = $1 AND position = $2 AND event_id = $3';
    return (await this.across.query({ text, values: [this.shard, position, id] })).length > 0;
  }

  async noteRelayed(position: number): Promise<void> {
    const text = 'UPDATE outbox_relay SET position = $2 WHERE shard = $1 AND position < $2';
    await this.across.query({ text, values: [this.shard, position] });
  }

  async readAfter(position: number, limit: number): Promise<OutboxEvent[]> {
    const rows = await this.across.query<OutboxRow>({
      name: 'read-outbox',
      text: READ_SQL,
      values: [this.shard, position, limit],
    });
    return rows.map((row) => ({
      id: row.event_id,
      position: Number(row.position),
      bytes: this.encode(row),
    }));
  }

  private encode(row: OutboxRow): Uint8Array {
    return encodeEvent(
      {
        id: row.event_id,
        type: row.type,
        shard: this.shard,
        position: Number(row.position),
        tenant: row.tenant,
        createdAt: row.created_at,
      },
      parseCanonical(row.canonical),
    );
  }
}
