import type { EventCondition } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import type { Event } from '../domain/events/event.js';
import { passes } from '../domain/events/event-filter.js';
import { bodyOf } from '../domain/events/render-body.js';
import { orderingKeyOf } from '../domain/events/value-at.js';
import type { Job, ReplayRequest } from '../domain/job.js';
import type { Queryable } from './database.js';
import { orderPolled } from './polled-events.js';

interface ReplayTarget {
  readonly id: number;
  readonly workspaceId: number;
  readonly url: string | null;
  readonly events: readonly string[];
  readonly filter: readonly EventCondition[] | null;
  readonly orderingPath: string | null;
  readonly apiVersion: string;
}

interface ClaimedJob extends Pick<Job, 'id' | 'workspaceId' | 'endpointId' | 'request' | 'tenant'> {
  readonly cursorCreatedAt: Date | null;
  readonly cursorEventId: string | null;
}

const CLAIM_SQL = `
  UPDATE job SET status = 'running', started_at = coalesce(started_at, $1), leased_until = $2
  WHERE id = (SELECT id FROM job WHERE status IN ('queued', 'running')
    AND (leased_until IS NULL OR leased_until <= $1) ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id`;

// Held until the slice commits: neither a cancel nor another process comes in between.
const LOCK_SQL = `
  SELECT id, workspace_id AS "workspaceId", tenant, endpoint_id AS "endpointId", request,
    cursor_created_at AS "cursorCreatedAt", cursor_event_id AS "cursorEventId"
  FROM job WHERE id = $1 AND status = 'running' FOR UPDATE`;

const TARGET_SQL = `
  SELECT id, workspace_id AS "workspaceId", url, events, filter, ordering_path AS "orderingPath",
    api_version AS "apiVersion"
  FROM endpoint WHERE id = $1 AND deleted_at IS NULL`;

/** $1 to $8: workspace, endpoint, since, until, types, nouns of wildcards, whether every type, statuses. */
const MATCHING = `
  e.workspace_id = $1 AND e.created_at >= coalesce($3::timestamptz, '-infinity') AND e.created_at < $4
  AND ($7::bool OR e.type = ANY ($5::text[]) OR split_part(e.type, '.', 1) = ANY ($6::text[]))
  AND ($8::text[] IS NULL OR EXISTS (SELECT FROM delivery d WHERE d.created_at = e.created_at
    AND d.endpoint_id = $2 AND d.event_id = e.id AND d.status = ANY ($8)))`;

const COUNT_SQL = `SELECT count(*) AS total FROM event e WHERE ${MATCHING} AND $2::int4 IS NOT NULL`;

const SLICE_SQL = `
  SELECT e.created_at AS "createdAt", e.id, e.type, e.data::text AS data, e.is_platform AS "isPlatform"
  FROM event e WHERE ${MATCHING} AND $2::int4 IS NOT NULL
    AND ($9::timestamptz IS NULL OR (e.created_at, e.id) > ($9, $10::text))
  ORDER BY e.created_at, e.id LIMIT $11`;

// One that is being sent right now is on its way already; one that this job has taken before is not taken twice.
const QUEUE_SQL = `
  WITH taken AS (
    INSERT INTO delivery AS d (created_at, workspace_id, endpoint_id, event_id, event_type, ordering_key, cause,
      replay_job_id, next_attempt_at, queued_at)
    SELECT t.created_at, e.workspace_id, e.id, t.event_id, t.event_type, t.ordering_key, 'replay', $2,
      CASE WHEN e.is_active AND e.url IS NOT NULL THEN $3::timestamptz ELSE 'infinity' END, $3
    FROM unnest($4::timestamptz[], $5::text[], $6::text[], $7::text[])
      WITH ORDINALITY AS t (created_at, event_id, event_type, ordering_key, place)
    JOIN endpoint e ON e.id = $1
    ORDER BY t.place
    ON CONFLICT (created_at, endpoint_id, event_id) DO UPDATE
      SET status = 'pending', reason = NULL, schedule_step = 0, cause = 'replay', delivered_at = NULL,
        replay_job_id = $2, next_attempt_at = excluded.next_attempt_at
      WHERE d.replay_job_id IS DISTINCT FROM $2 AND (d.leased_until IS NULL OR d.leased_until <= $3)
    RETURNING 1)
  SELECT count(*) AS queued FROM taken`;

const PROGRESS_SQL = `
  UPDATE job SET done = done + $2, queued = queued + $3, cursor_created_at = $4, cursor_event_id = $5,
    leased_until = $6 WHERE id = $1`;

/** What a replay reads and writes; each slice is one commit with the job's place in it. */
@Injectable()
export class ReplayStore {
  /** How many events a request matches; the endpoint's filter is not looked at. */
  async count(on: Queryable, target: ReplayTarget, request: ReplayRequest): Promise<number> {
    const [row] = await on.query<{ total: string }>({
      text: COUNT_SQL,
      values: matchValues(target, request),
    });
    return Number(row?.total);
  }

  /** The oldest open job that nobody works on; undefined when there is none. */
  async claim(on: Queryable, now: Date, leasedUntil: Date): Promise<string | undefined> {
    const [job] = await on.query<{ id: string }>({ text: CLAIM_SQL, values: [now, leasedUntil] });
    return job?.id;
  }

  async lock(transaction: Queryable, id: string): Promise<ClaimedJob | undefined> {
    const [job] = await transaction.query<ClaimedJob>({ text: LOCK_SQL, values: [id] });
    return job;
  }

  async target(on: Queryable, endpointId: number): Promise<ReplayTarget | undefined> {
    const [target] = await on.query<ReplayTarget>({ text: TARGET_SQL, values: [endpointId] });
    return target;
  }

  /** Queues the next events behind the job's cursor. Returns how many were looked at: fewer than asked at the end. */
  async advance(
    transaction: Queryable,
    job: ClaimedJob,
    target: ReplayTarget,
    { limit, now, leasedUntil }: { readonly limit: number; readonly now: Date; readonly leasedUntil: Date },
  ): Promise<number> {
    const cursor = [job.cursorCreatedAt, job.cursorEventId, limit];
    const values = [...matchValues(target, job.request), ...cursor];
    const events = await transaction.query<Event>({ text: SLICE_SQL, values });
    const last = events.at(-1);
    if (!last) return 0;
    const queued = await this.queue(transaction, job.id, target, events, now);
    const progress = [job.id, events.length, queued, last.createdAt, last.id, leasedUntil];
    await transaction.query({ text: PROGRESS_SQL, values: progress });
    return events.length;
  }

  private async queue(
    transaction: Queryable,
    jobId: string,
    target: ReplayTarget,
    events: readonly Event[],
    now: Date,
  ): Promise<number> {
    const bodies = events.map((event) => ({ event, body: bodyOf(event, target.apiVersion) }));
    const wanted = bodies.filter(({ body }) => passes(target.filter, body));
    const values = [
      ...[target.id, jobId, now],
      wanted.map(({ event }) => event.createdAt),
      wanted.map(({ event }) => event.id),
      wanted.map(({ event }) => event.type),
      wanted.map(({ body }) => orderingKeyOf(body, target.orderingPath)),
    ];
    await orderPolled(transaction, [target]);
    const [row] = await transaction.query<{ queued: string }>({ text: QUEUE_SQL, values });
    return Number(row?.queued);
  }
}

function matchValues(target: ReplayTarget, request: ReplayRequest): unknown[] {
  const names = request.types ?? target.events;
  const nouns = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const { since, until, statuses } = request;
  return [target.workspaceId, target.id, since, until, names, nouns, names.includes('*'), statuses];
}
