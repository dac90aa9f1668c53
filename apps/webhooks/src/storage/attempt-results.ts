import { bigintColumn, booleanColumn, bytesColumn, integerColumn, textColumn } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { AttemptResult, EndpointProgress } from '../domain/dispatch.js';
import { isSuccess } from '../domain/settle-delivery.js';
import { Database, type Queryable } from './database.js';

// The lease's token fences: whoever lost its lease to another worker, or its delivery to a caller, changes nothing.
const WRITE_SQL = `
  WITH result AS (
    SELECT created_at::timestamptz, endpoint_id, event_id, token, status, reason, step, due::timestamptz, code,
        error, delivered::timestamptz, workspace_id, number, cause, url, succeeded, headers, body,
        started::timestamptz, duration_ms, phases, delivery_id
      FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
        $9::int[], $10::text[], $11::text[], $12::int[], $13::int[], $14::text[], $15::text[], $16::bool[],
        $17::text[], $18::bytea[], $19::text[], $20::int[], $21::text[], $22::int8[])
      AS r (created_at, endpoint_id, event_id, token, status, reason, step, due, code, error, delivered,
        workspace_id, number, cause, url, succeeded, headers, body, started, duration_ms, phases,
        delivery_id)),
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
          r.error, r.headers::json, r.body, r.started, r.duration_ms, r.phases::json
        FROM result r
      ON CONFLICT DO NOTHING),
  fared AS (
    UPDATE endpoint_health h SET success_count = h.success_count + p.successes,
        failure_count = h.failure_count + p.failures, consecutive_failures = p.consecutive,
        last_delivery_at = greatest(h.last_delivery_at, p.last::timestamptz),
        failing_since = p.failing::timestamptz, warned_percent = p.warned, breaker_state = p.state,
        breaker_reason = p.why, breaker_changed_at = p.turned::timestamptz, breaker_until = p.until::timestamptz,
        breaker_trips = p.trips, rate_per_s = p.rate::real, rate_changed_at = p.rated::timestamptz,
        paused_until = p.paused::timestamptz
      FROM unnest($23::int[], $24::int[], $25::int[], $26::int[], $27::text[], $28::text[], $29::int[], $30::text[],
        $31::text[], $32::text[], $33::text[], $34::int[], $35::text[], $36::text[], $37::text[])
      AS p (endpoint_id, successes, failures, consecutive, last, failing, warned, state, why, turned, until, trips,
        rate, rated, paused)
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
    const values = [...resultColumns(results), ...progressColumns(progress)];
    const [row] = await within.query<{ written: number }>({ name: 'write-results', text: WRITE_SQL, values });
    return row?.written ?? 0;
  }
}

function resultColumns(results: readonly AttemptResult[]) {
  const texts = (of: (result: AttemptResult) => string | null) => textColumn(results.map(of));
  const integers = (of: (result: AttemptResult) => number | null) => integerColumn(results.map(of));
  return [
    texts(({ delivery }) => delivery.createdAt.toISOString()),
    integers(({ delivery }) => delivery.endpointId),
    texts(({ delivery }) => delivery.event.id),
    texts(({ delivery }) => delivery.leaseToken),
    texts(({ settled }) => settled.status),
    texts(({ settled }) => (settled.status === 'failed' ? settled.reason : null)),
    integers(({ settled }) => settled.scheduleStep),
    texts(({ settled }) => (settled.status === 'retrying' ? instant(settled.nextAttemptUnixMs) : null)),
    integers(({ sent }) => sent.statusCode),
    texts(({ sent }) => sent.failure),
    texts(({ settled, sent }) => (settled.status === 'success' ? endOf(sent) : null)),
    integers(({ delivery }) => delivery.workspaceId),
    integers(({ delivery }) => delivery.attempt + 1),
    texts(({ cause }) => cause),
    texts(({ url }) => url),
    booleanColumn(results.map(({ sent }) => isSuccess(sent))),
    texts(({ sent }) => (sent.statusCode === null ? null : JSON.stringify(sent.responseHeaders))),
    bytesColumn(results.map(({ sent }) => (sent.statusCode === null ? null : sent.responseBody))),
    texts(({ sent }) => instant(sent.startedUnixMs)),
    integers(({ sent }) => sent.durationMs),
    texts(({ sent }) => JSON.stringify(sent.phasesMs)),
    bigintColumn(results.map(({ delivery }) => Number(delivery.id))),
  ];
}

function progressColumns(progress: readonly EndpointProgress[]) {
  const texts = (of: (one: EndpointProgress) => string | null) => textColumn(progress.map(of));
  const integers = (of: (one: EndpointProgress) => number) => integerColumn(progress.map(of));
  return [
    integers(({ endpointId }) => endpointId),
    integers(({ successes }) => successes),
    integers(({ failures }) => failures),
    integers(({ course }) => course.consecutiveFailures),
    texts(({ lastDeliveryUnixMs }) => instant(lastDeliveryUnixMs)),
    texts(({ course }) => instant(course.failingSinceUnixMs)),
    integers(({ course }) => course.warnedPercent),
    texts(({ course }) => course.breaker.state),
    texts(({ course }) => course.breaker.reason),
    texts(({ course }) => instant(course.breaker.changedUnixMs)),
    texts(({ course }) => instant(course.breaker.untilUnixMs)),
    integers(({ course }) => course.breaker.trips),
    texts(({ course }) => course.pace.ratePerSecond?.toString() ?? null),
    texts(({ course }) => instant(course.pace.changedUnixMs)),
    texts(({ course }) => instant(course.pace.pausedUntilUnixMs)),
  ];
}

function instant(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}

function endOf({ startedUnixMs, durationMs }: AttemptResult['sent']): string | null {
  return instant(startedUnixMs + durationMs);
}
