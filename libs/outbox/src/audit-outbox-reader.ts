import { create, toBinary } from '@bufbuild/protobuf';
import { AuditEventSchema } from '@magistry/contracts';
import type { PublishedEvent } from '@magistry/messaging';
import type { Queryable } from '@magistry/persistence';
import type { OutboxEvent, OutboxSource } from './relay.js';

interface OutboxRow {
  readonly position: string;
  readonly eventId: string;
  readonly workspaceId: number | null;
  readonly action: string;
  readonly actor: string;
  readonly subject: string;
  readonly detailsJson: string;
  readonly occurredUnixMs: number;
  readonly requestId: string;
  readonly address: string;
}

/** How many rows one look gives positions to; the next look goes on. */
const NUMBERED_MAX = 1_000;
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000;

// Two statements: the second must see what was numbered before the lock was free. While another process numbers,
// nobody needs to wait for it.
const LOCK_SQL = 'SELECT shard FROM audit_relay WHERE shard = $1 FOR UPDATE SKIP LOCKED';
const NUMBER_SQL = `
  WITH waiting AS (
    SELECT number, row_number() OVER (ORDER BY number) AS place
    FROM (SELECT number FROM audit_outbox WHERE shard = $1 AND position IS NULL ORDER BY number LIMIT $2) first
  ), numbered AS (
    UPDATE audit_outbox o SET position = r.last_position + w.place
    FROM waiting w, audit_relay r WHERE o.number = w.number AND r.shard = $1 RETURNING o.number
  )
  UPDATE audit_relay SET last_position = last_position + (SELECT count(*) FROM numbered) WHERE shard = $1`;

const READ_SQL = `
  SELECT position, event_id AS "eventId", workspace_id AS "workspaceId", action, actor, subject,
    details::text AS "detailsJson", extract(epoch FROM occurred_at)::float8 * 1000 AS "occurredUnixMs",
    coalesce(request_id, '') AS "requestId", coalesce(address, '') AS address
  FROM audit_outbox WHERE shard = $1 AND position > $2 ORDER BY position LIMIT $3`;

const FORGET_SQL = `
  DELETE FROM audit_outbox o USING audit_relay r
  WHERE r.shard = o.shard AND o.position <= r.published_position AND o.occurred_at < $1`;

const IS_ANY_WAITING_SQL = 'SELECT 1 FROM audit_outbox WHERE shard = $1 AND position IS NULL LIMIT 1';

/** A service's role that looks across its workspaces. */
export interface AcrossWorkspaces extends Queryable {
  /** Committed when `work` returns, rolled back when it throws. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result>;
}

/**
 * Entries as events. A row gets its position here, once it is committed, and not where it is written: so positions
 * are dense, and no writer waits for another's commit.
 */
export class AuditOutboxReader implements OutboxSource {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly shard: number,
  ) {}

  /** Any number of processes may do it at once. */
  async readAfter(position: number, limit: number): Promise<OutboxEvent[]> {
    const waiting = await this.across.query({ text: IS_ANY_WAITING_SQL, values: [this.shard] });
    if (waiting.length > 0) await this.across.transaction((transaction) => this.number(transaction));
    const values = [this.shard, position, limit];
    const rows = await this.across.query<OutboxRow>({ text: READ_SQL, values });
    return rows.map((row) => this.eventOf(row));
  }

  async relayedPosition(): Promise<number> {
    const text = 'SELECT published_position AS position FROM audit_relay WHERE shard = $1';
    const [row] = await this.across.query<{ position: string }>({ text, values: [this.shard] });
    return Number(row?.position);
  }

  async has({ id, position }: PublishedEvent): Promise<boolean> {
    const text = 'SELECT 1 FROM audit_outbox WHERE shard = $1 AND position = $2 AND event_id = $3';
    return (await this.across.query({ text, values: [this.shard, position, id] })).length > 0;
  }

  async noteRelayed(position: number): Promise<void> {
    const text =
      'UPDATE audit_relay SET published_position = $2 WHERE shard = $1 AND published_position < $2';
    await this.across.query({ text, values: [this.shard, position] });
  }

  private async number(transaction: Queryable): Promise<void> {
    const locked = await transaction.query({ text: LOCK_SQL, values: [this.shard] });
    if (locked.length === 0) return;
    await transaction.query({ text: NUMBER_SQL, values: [this.shard, NUMBERED_MAX] });
  }

  private eventOf({ position, eventId, workspaceId, ...said }: OutboxRow): OutboxEvent {
    const place = { id: eventId, shard: this.shard, position: BigInt(position) };
    const event = create(AuditEventSchema, { ...said, ...place, workspaceId: workspaceId ?? 0 });
    return { id: eventId, position: Number(position), bytes: toBinary(AuditEventSchema, event) };
  }
}

export function auditOutboxReaders(across: AcrossWorkspaces, shards: number): AuditOutboxReader[] {
  return Array.from({ length: shards }, (_, shard) => new AuditOutboxReader(across, shard));
}

/** Removes what was published and is older than seven days. What is not published yet stays, however old. */
export async function forgetAuditEvents(across: Queryable, now: number): Promise<void> {
  await across.query({ text: FORGET_SQL, values: [new Date(now - KEPT_MS)] });
}
