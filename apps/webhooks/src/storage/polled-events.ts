import { Injectable } from '@nestjs/common';
import type { Event } from '../domain/events/event.js';
import { Database, type Queryable } from './database.js';

// Deliveries to endpoints that are pushed to are numbered by many at once, and one may be committed after a later
// number was read. What is this old has been. Where polling is the only way, fan-out commits them in order.
const SETTLED_MS = 10_000;

const READ_SQL = `
  SELECT d.id AS "deliveryId", e.id, e.type, e.created_at AS "createdAt", e.data::text AS data,
    e.is_platform AS "isPlatform"
  FROM delivery d JOIN event e
    ON e.created_at = d.created_at AND e.workspace_id = d.workspace_id AND e.id = d.event_id
  WHERE d.endpoint_id = $1 AND d.id > $2 AND d.queued_at <= $3 ORDER BY d.id LIMIT $4`;

const ACKNOWLEDGE_SQL = `
  WITH arrived AS (
    UPDATE delivery SET status = 'success', delivered_at = $3, next_attempt_at = 'infinity'
    WHERE endpoint_id = $1 AND id <= $2 AND status IN ('pending', 'retrying') RETURNING 1)
  UPDATE endpoint_health SET last_delivery_at = $3 WHERE endpoint_id = $1 AND EXISTS (SELECT FROM arrived)`;

const ORDER_SQL = `SELECT pg_advisory_xact_lock(hashtext('webhooks.polled'), id) FROM unnest($1::int4[]) AS t (id)`;

/** Before deliveries are numbered: those of an endpoint that polls are committed in the order of their numbers. */
export async function orderPolled(
  transaction: Queryable,
  endpoints: readonly { readonly id: number; readonly url: string | null }[],
): Promise<void> {
  const ids = endpoints.filter(({ url }) => url === null).map(({ id }) => id);
  if (ids.length === 0) return;
  await transaction.query({ text: ORDER_SQL, values: [ids.sort((one, other) => one - other)] });
}

/** Events of an endpoint in the order of its deliveries, for a receiver that asks for them. */
@Injectable()
export class PolledEvents {
  constructor(private readonly database: Database) {}

  read(
    workspaceId: number,
    endpointId: number,
    {
      after,
      limit,
      isPolled,
    }: { readonly after: string; readonly limit: number; readonly isPolled: boolean },
    now: Date,
  ): Promise<(Event & { deliveryId: string })[]> {
    const until = new Date(now.getTime() - (isPolled ? 0 : SETTLED_MS));
    const values = [endpointId, after, isPolled ? 'infinity' : until, limit];
    return this.database.readsIn(workspaceId).query({ text: READ_SQL, values });
  }

  /** Everything up to a delivery has arrived. */
  async acknowledge(workspaceId: number, endpointId: number, upTo: string, now: Date): Promise<void> {
    const values = [endpointId, upTo, now];
    await this.database.readsIn(workspaceId).query({ text: ACKNOWLEDGE_SQL, values });
  }
}
