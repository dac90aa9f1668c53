import { type ListPage, type ListQuery, ListReader, type ListSource } from '@magistry/lists';
import { Injectable } from '@nestjs/common';
import type { Attempt, Delivery, DeliveryStatus } from '../domain/delivery.js';
import { Database, type Queryable } from './database.js';

const SELECT = `d.id, d.event_id AS "eventId", d.event_type AS "eventType", d.status, d.reason, d.attempt,
  d.next_attempt_at AS "nextAttemptAt", d.response_code AS "responseCode", d.error, d.created_at AS "createdAt",
  d.delivered_at AS "deliveredAt"`;
const FROM = 'delivery d';
const LISTED = 'd.endpoint_id = $1';

const SOURCE: ListSource = {
  select: SELECT,
  from: FROM,
  key: 'd.id',
  columns: { id: 'd.id', created_at: 'd.created_at' },
  statuses: {
    pending: `d.status = 'pending'`,
    success: `d.status = 'success'`,
    failed: `d.status = 'failed'`,
    retrying: `d.status = 'retrying'`,
  },
  searched: [],
};

const ATTEMPTS_SQL = `
  SELECT number, cause, url, succeeded, status_code AS "statusCode", error, response_headers AS "responseHeaders",
    response_body AS "responseBody", started_at AS "startedAt", duration_ms AS "durationMs", phases_ms AS "phasesMs"
  FROM attempt WHERE created_at = $1 AND delivery_id = $2 ORDER BY number`;

// One whose attempt is under way has a lease; what that attempt comes to stands first.
const RETRY_SQL = `
  UPDATE delivery d SET status = 'pending', cause = 'manual', reason = NULL, next_attempt_at = $3
  WHERE d.endpoint_id = $1 AND d.id = $2 AND d.status IN ('failed', 'retrying')
    AND (d.leased_until IS NULL OR d.leased_until <= $3)
  RETURNING ${SELECT}`;

const CANCEL_SQL = `
  UPDATE delivery SET status = 'failed', reason = $2, next_attempt_at = 'infinity'
  WHERE endpoint_id = $1 AND status IN ('pending', 'retrying') AND ($3::text[] IS NULL OR event_type = ANY ($3))`;

const QUEUED_TYPES_SQL = `
  SELECT DISTINCT event_type AS type FROM delivery WHERE endpoint_id = $1 AND status IN ('pending', 'retrying')`;

const HOLD_SQL = `
  UPDATE delivery SET next_attempt_at = 'infinity'
  WHERE endpoint_id = $1 AND status IN ('pending', 'retrying') AND next_attempt_at < 'infinity'`;
const RELEASE_SQL = `
  UPDATE delivery SET next_attempt_at = $2
  WHERE endpoint_id = $1 AND status IN ('pending', 'retrying') AND next_attempt_at = 'infinity'`;

/** Deliveries of an endpoint, as its owner sees and steers them. The worker has statements of its own. */
@Injectable()
export class DeliveryRecords {
  private readonly reader = new ListReader<Delivery>(SOURCE);

  constructor(private readonly database: Database) {}

  /** Newest first, unless the query sorts. */
  list(workspaceId: number, endpointId: number, query: ListQuery): Promise<ListPage<Delivery>> {
    const scope = { condition: LISTED, values: [endpointId] };
    const { sort = [{ field: 'id', isDescending: true }] } = query;
    return this.reader.read(this.database.readsIn(workspaceId), scope, { ...query, sort });
  }

  /** Those before an id, newest first; without one from the newest. */
  readBefore(
    workspaceId: number,
    endpointId: number,
    { beforeId, status, limit }: { beforeId?: string; status?: DeliveryStatus | undefined; limit: number },
  ): Promise<Delivery[]> {
    const text = `SELECT ${SELECT} FROM ${FROM} WHERE ${LISTED} AND ($2::int8 IS NULL OR d.id < $2)
      AND ($3::text IS NULL OR d.status = $3) ORDER BY d.id DESC LIMIT $4`;
    const values = [endpointId, beforeId ?? null, status ?? null, limit];
    return this.database.readsIn(workspaceId).query<Delivery>({ text, values });
  }

  async find(on: Queryable, endpointId: number, id: string): Promise<Delivery | undefined> {
    const text = `SELECT ${SELECT} FROM ${FROM} WHERE ${LISTED} AND d.id = $2`;
    const [found] = await on.query<Delivery>({ text, values: [endpointId, id] });
    return found;
  }

  /** With its attempts, first to last. */
  async findWithAttempts(workspaceId: number, endpointId: number, id: string) {
    const reads = this.database.readsIn(workspaceId);
    const delivery = await this.find(reads, endpointId, id);
    if (!delivery) return undefined;
    const values = [delivery.createdAt, delivery.id];
    return { delivery, attempts: await reads.query<Attempt>({ text: ATTEMPTS_SQL, values }) };
  }

  /** Undefined for one that has arrived, waits for its attempt, or is being attempted. */
  async retry(
    transaction: Queryable,
    endpointId: number,
    id: string,
    now: Date,
  ): Promise<Delivery | undefined> {
    const [queued] = await transaction.query<Delivery>({ text: RETRY_SQL, values: [endpointId, id, now] });
    return queued;
  }

  /** Ends what is queued; of some types, or all. */
  async cancel(
    transaction: Queryable,
    endpointId: number,
    reason: 'endpoint_deleted' | 'unsubscribed',
    types: readonly string[] | null,
  ): Promise<void> {
    await transaction.query({ text: CANCEL_SQL, values: [endpointId, reason, types] });
  }

  async queuedTypes(transaction: Queryable, endpointId: number): Promise<string[]> {
    const rows = await transaction.query<{ type: string }>({ text: QUEUED_TYPES_SQL, values: [endpointId] });
    return rows.map(({ type }) => type);
  }

  /** Nothing of the endpoint is due until it is released. */
  async hold(transaction: Queryable, endpointId: number): Promise<void> {
    await transaction.query({ text: HOLD_SQL, values: [endpointId] });
  }

  async release(transaction: Queryable, endpointId: number, now: Date): Promise<void> {
    await transaction.query({ text: RELEASE_SQL, values: [endpointId, now] });
  }
}
