import { GivenRows } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { AttemptResult, EndpointProgress } from '../domain/dispatch.js';
import { isSuccess } from '../domain/settle-delivery.js';
import { Database, type Queryable } from './database.js';

const RESULTS = new GivenRows<AttemptResult>(1, [
  ['created_at', 'timestamptz', ({ delivery }) => delivery.createdAt.getTime()],
  ['endpoint_id', 'int4', ({ delivery }) => delivery.endpointId],
  ['event_id', 'text', ({ delivery }) => delivery.event.id],
  ['token', 'text', ({ delivery }) => delivery.leaseToken],
  ['status', 'text', ({ settled }) => settled.status],
  ['reason', 'text', ({ settled }) => (settled.status === 'failed' ? settled.reason : null)],
  ['step', 'int4', ({ settled }) => settled.scheduleStep],
  ['due', 'timestamptz', ({ settled }) => (settled.status === 'retrying' ? settled.nextAttemptUnixMs : null)],
  ['code', 'int4', ({ sent }) => sent.statusCode],
  ['error', 'text', ({ sent }) => sent.failure],
  ['delivered', 'timestamptz', ({ settled, sent }) => (settled.status === 'success' ? endOf(sent) : null)],
  ['workspace_id', 'int4', ({ delivery }) => delivery.workspaceId],
  ['number', 'int4', ({ delivery }) => delivery.attempt + 1],
  ['cause', 'text', ({ cause }) => cause],
  ['url', 'text', ({ url }) => url],
  ['succeeded', 'bool', ({ sent }) => isSuccess(sent)],
  ['headers', 'json', ({ sent }) => (sent.statusCode === null ? null : JSON.stringify(sent.responseHeaders))],
  ['body', 'bytea', ({ sent }) => (sent.statusCode === null ? null : sent.responseBody)],
  ['started', 'timestamptz', ({ sent }) => sent.startedUnixMs],
  ['duration_ms', 'int4', ({ sent }) => sent.durationMs],
  ['phases', 'json', ({ sent }) => JSON.stringify(sent.phasesMs)],
  ['delivery_id', 'int8', ({ delivery }) => Number(delivery.id)],
]);

const PROGRESS = new GivenRows<EndpointProgress>(RESULTS.parameterBehind, [
  ['endpoint_id', 'int4', ({ endpointId }) => endpointId],
  ['successes', 'int4', ({ successes }) => successes],
  ['failures', 'int4', ({ failures }) => failures],
  ['consecutive', 'int4', ({ course }) => course.consecutiveFailures],
  ['last', 'timestamptz', ({ lastDeliveryUnixMs }) => lastDeliveryUnixMs],
  ['failing', 'timestamptz', ({ course }) => course.failingSinceUnixMs],
  ['warned', 'int4', ({ course }) => course.warnedPercent],
  ['state', 'text', ({ course }) => course.breaker.state],
  ['why', 'text', ({ course }) => course.breaker.reason],
  ['turned', 'timestamptz', ({ course }) => course.breaker.changedUnixMs],
  ['until', 'timestamptz', ({ course }) => course.breaker.untilUnixMs],
  ['trips', 'int4', ({ course }) => course.breaker.trips],
  ['rate', 'real', ({ course }) => course.pace.ratePerSecond],
  ['rated', 'timestamptz', ({ course }) => course.pace.changedUnixMs],
  ['paused', 'timestamptz', ({ course }) => course.pace.pausedUntilUnixMs],
]);

// The lease's token fences: whoever lost its lease to another worker, or its delivery to a caller, changes nothing.
const WRITE_SQL = `
  WITH result AS (${RESULTS.many}),
  settled AS (
    UPDATE delivery d SET status = r.status, reason = r.reason, attempt = r.number, schedule_step = r.step,
        next_attempt_at = coalesce(r.due, d.next_attempt_at), leased_until = NULL, lease_token = NULL,
        response_code = r.code, error = r.error, delivered_at = r.delivered
      FROM result r
     WHERE d.created_at = r.created_at AND d.endpoint_id = r.endpoint_id AND d.event_id = r.event_id
       AND d.lease_token = r.token AND d.status IN ('pending', 'retrying')
    RETURNING d.id, d.created_at),
  kept AS (
    INSERT INTO attempt (created_at, delivery_id, number, workspace_id, endpoint_id, cause, url, succeeded,
        status_code, error, response_headers, response_body, started_at, duration_ms, phases_ms)
      SELECT r.created_at, r.delivery_id, r.number, r.workspace_id, r.endpoint_id, r.cause, r.url, r.succeeded, r.code,
          r.error, r.headers, r.body, r.started, r.duration_ms, r.phases
        FROM result r
      ON CONFLICT DO NOTHING),
  fared AS (
    UPDATE endpoint_health h SET success_count = h.success_count + p.successes,
        failure_count = h.failure_count + p.failures, consecutive_failures = p.consecutive,
        last_delivery_at = greatest(h.last_delivery_at, p.last),
        failing_since = p.failing, warned_percent = p.warned, breaker_state = p.state,
        breaker_reason = p.why, breaker_changed_at = p.turned, breaker_until = p.until,
        breaker_trips = p.trips, rate_per_s = p.rate, rate_changed_at = p.rated,
        paused_until = p.paused
      FROM (${PROGRESS.many}) p
     WHERE h.endpoint_id = p.endpoint_id)
  SELECT count(*)::int AS written FROM settled`;

/** Writes what attempts came to: the attempt, its delivery's next state and its endpoint's counters, together. */
@Injectable()
export class AttemptResults {
  constructor(private readonly database: Database) {}

  /** In one statement; says how many deliveries were still held by whoever sent them. */
  async write(
    results: readonly AttemptResult[],
    progress: readonly EndpointProgress[],
    within: Queryable = this.database.across,
  ): Promise<number> {
    const values = [...RESULTS.values(results), ...PROGRESS.values(progress)];
    const [row] = await within.query<{ written: number }>({ name: 'write-results', text: WRITE_SQL, values });
    return row?.written ?? 0;
  }
}

function endOf({ startedUnixMs, durationMs }: AttemptResult['sent']): number {
  return startedUnixMs + durationMs;
}
