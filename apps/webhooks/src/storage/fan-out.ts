import { Injectable } from '@nestjs/common';
import type { EndpointSettings } from '../domain/endpoint.js';
import type { Event } from '../domain/events/event.js';
import { passes } from '../domain/events/event-filter.js';
import { subscribes } from '../domain/events/event-names.js';
import { bodyOf } from '../domain/events/render-body.js';
import { orderingKeyOf } from '../domain/events/value-at.js';
import type { Queryable } from './database.js';
import { orderPolled } from './polled-events.js';

export interface EventToTell extends Event {
  /** True keeps it also in a workspace without endpoints: its publisher was promised so. */
  readonly isKept?: boolean;
  /** The endpoint that it is about, which is not told. */
  readonly exceptEndpointId?: number;
}

type Subscriber = Pick<EndpointSettings, 'url' | 'events' | 'filter' | 'orderingPath' | 'apiVersion'> & {
  readonly id: number;
  readonly workspaceId: number;
};

interface Addressed {
  readonly event: EventToTell;
  readonly endpointId: number;
  readonly orderingKey: string | null;
}

const SUBSCRIBERS_SQL = `
  SELECT id, workspace_id AS "workspaceId", url, events, filter, ordering_path AS "orderingPath",
    api_version AS "apiVersion"
  FROM endpoint WHERE workspace_id = ANY ($1) AND deleted_at IS NULL AND is_active`;
const WITH_ENDPOINT_SQL = `
  SELECT DISTINCT workspace_id AS id FROM endpoint WHERE workspace_id = ANY ($1) AND deleted_at IS NULL`;

// In the order given, so that deliveries are numbered as their events follow each other. An endpoint that went
// meanwhile gets none; what is there already stays as it is.
const TELL_SQL = `
  WITH kept AS (
    INSERT INTO event (created_at, workspace_id, id, type, data, is_platform, traceparent)
    SELECT * FROM unnest($1::timestamptz[], $2::int4[], $3::text[], $4::text[], $5::json[], $6::bool[], $7::text[])
    ON CONFLICT DO NOTHING),
  made AS (
    INSERT INTO delivery (created_at, workspace_id, endpoint_id, event_id, event_type, ordering_key,
      next_attempt_at, queued_at)
    SELECT t.created_at, e.workspace_id, e.id, t.event_id, t.event_type, t.ordering_key,
      CASE WHEN e.url IS NULL THEN 'infinity' ELSE $13::timestamptz END, $13
    FROM unnest($8::timestamptz[], $9::int4[], $10::text[], $11::text[], $12::text[])
      WITH ORDINALITY AS t (created_at, endpoint_id, event_id, event_type, ordering_key, place)
    JOIN endpoint e ON e.id = t.endpoint_id AND e.deleted_at IS NULL AND e.is_active
    ORDER BY t.place
    ON CONFLICT (created_at, endpoint_id, event_id) DO NOTHING RETURNING id)
  SELECT count(*)::int4 AS deliveries FROM made`;

/**
 * Turns events into deliveries: one row an event and subscribed endpoint, whose filter it passes. Telling an event
 * again makes nothing twice. Events of one call are in order; the weeks of their times exist (`EventWeeks`).
 */
@Injectable()
export class FanOut {
  /** Returns how many deliveries were made. Commits with whatever else the transaction does. */
  async tell(transaction: Queryable, events: readonly EventToTell[], now: Date): Promise<number> {
    if (events.length === 0) return 0;
    const workspaceIds = [...new Set(events.map(({ workspaceId }) => workspaceId))];
    const values = [workspaceIds];
    const inhabited = await transaction.query<{ id: number }>({ text: WITH_ENDPOINT_SQL, values });
    const ids = new Set(inhabited.map(({ id }) => id));
    const kept = events.filter(({ workspaceId, isKept }) => isKept === true || ids.has(workspaceId));
    if (kept.length === 0) return 0;
    const subscribers = await transaction.query<Subscriber>({ text: SUBSCRIBERS_SQL, values });
    await orderPolled(transaction, subscribers);
    const [told] = await transaction.query<{ deliveries: number }>({
      text: TELL_SQL,
      values: columnsOf(
        kept,
        kept.flatMap((event) => addressed(event, subscribers)),
        now,
      ),
    });
    return told?.deliveries ?? 0;
  }
}

function addressed(event: EventToTell, subscribers: readonly Subscriber[]): Addressed[] {
  return subscribers.flatMap((subscriber) => {
    const { id, workspaceId, events, filter, orderingPath, apiVersion } = subscriber;
    if (workspaceId !== event.workspaceId || id === event.exceptEndpointId) return [];
    if (!subscribes(events, event.type)) return [];
    if (filter === null && orderingPath === null) return [{ event, endpointId: id, orderingKey: null }];
    const body = bodyOf(event, apiVersion);
    if (!passes(filter, body)) return [];
    return [{ event, endpointId: id, orderingKey: orderingKeyOf(body, orderingPath) }];
  });
}

function columnsOf(events: readonly EventToTell[], deliveries: readonly Addressed[], now: Date): unknown[] {
  return [
    events.map(({ createdAt }) => createdAt),
    events.map(({ workspaceId }) => workspaceId),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ data }) => data),
    events.map(({ isPlatform }) => isPlatform),
    events.map(({ traceparent }) => traceparent),
    deliveries.map(({ event }) => event.createdAt),
    deliveries.map(({ endpointId }) => endpointId),
    deliveries.map(({ event }) => event.id),
    deliveries.map(({ event }) => event.type),
    deliveries.map(({ orderingKey }) => orderingKey),
    now,
  ];
}
