import { Injectable } from '@nestjs/common';
import type { LeasedDelivery, ReceivingEndpoint } from '../domain/dispatch.js';
import { Database } from './database.js';
import { COURSE_COLUMNS, type CourseRow, courseOf } from './endpoint-course-columns.js';

export interface ClaimRequest {
  readonly endpointId: number;
  readonly most: number;
}

const OPEN = `status IN ('pending', 'retrying')`;
const UNLEASED = '(d.leased_until IS NULL OR d.leased_until <= $1)';
/** Whether an endpoint may be sent to. One that was disabled for failing is asked now and then whether it is back. */
const MAY_SEND = `e.deleted_at IS NULL AND e.url IS NOT NULL
  AND (e.is_active AND (h.breaker_state = 'closed' OR h.breaker_until <= $1)
    OR e.disabled_reason = 'failing' AND h.breaker_until <= $1)
  AND (h.paused_until IS NULL OR h.paused_until <= $1)`;
/** Of a disabled endpoint the held deliveries count too. */
const DUE = `d.endpoint_id = e.id AND d.${OPEN} AND ${UNLEASED}
  AND d.next_attempt_at <= CASE WHEN e.is_active THEN $1 ELSE 'infinity'::timestamptz END`;

/** Of its ordering key, everything before it has ended; where a failure blocks, none of it has failed. */
const IS_HEAD = `NOT EXISTS (
    SELECT FROM delivery o WHERE o.endpoint_id = d.endpoint_id AND o.ordering_key = d.ordering_key
       AND o.id < d.id AND o.${OPEN})
  AND NOT (e.ordering_on_failure = 'block' AND EXISTS (
    SELECT FROM delivery o WHERE o.endpoint_id = d.endpoint_id AND o.ordering_key = d.ordering_key
       AND o.id < d.id AND o.status = 'failed' AND o.reason = 'exhausted'))`;

const DUE_ENDPOINTS_SQL = `
  SELECT e.id FROM endpoint e JOIN endpoint_health h ON h.endpoint_id = e.id
   WHERE ${MAY_SEND} AND EXISTS (SELECT FROM delivery d WHERE ${DUE}) LIMIT $2`;

// A breaker that is not closed lets one probe pass, and no other before that one's lease is over.
const CLAIM_SQL = `
  WITH found AS (
    SELECT d.*, h.breaker_state <> 'closed' AS is_probe
      FROM unnest($2::int[], $3::int[]) AS asked (endpoint_id, most)
      JOIN endpoint e ON e.id = asked.endpoint_id
      JOIN endpoint_health h ON h.endpoint_id = e.id AND ${MAY_SEND}
     CROSS JOIN LATERAL (
       SELECT d.created_at, d.endpoint_id, d.event_id FROM delivery d
        WHERE ${DUE} AND (d.ordering_key IS NULL OR ${IS_HEAD})
        ORDER BY d.next_attempt_at, d.id
        LIMIT CASE WHEN h.breaker_state = 'closed' THEN asked.most ELSE 1 END
        FOR UPDATE SKIP LOCKED) d),
  probed AS (
    UPDATE endpoint_health h SET breaker_state = 'half_open', breaker_until = $4, breaker_changed_at = $1
      FROM found WHERE h.endpoint_id = found.endpoint_id AND found.is_probe),
  leased AS (
    UPDATE delivery d SET leased_until = $4, lease_token = $5 FROM found
     WHERE d.created_at = found.created_at AND d.endpoint_id = found.endpoint_id AND d.event_id = found.event_id
    RETURNING d.*)
  SELECT l.id::text, l.workspace_id AS "workspaceId", l.endpoint_id AS "endpointId", l.created_at AS "createdAt",
      l.queued_at AS "queuedAt",
      l.attempt, l.schedule_step AS "scheduleStep", l.cause, l.ordering_key AS "orderingKey",
      l.event_id AS "eventId", v.type, v.data::text AS data, v.is_platform AS "isPlatform", v.traceparent
    FROM leased l JOIN event v
      ON v.created_at = l.created_at AND v.workspace_id = l.workspace_id AND v.id = l.event_id
   ORDER BY l.next_attempt_at, l.id`;

const ENDPOINTS_SQL = `
  SELECT e.id, e.workspace_id AS "workspaceId", e.url, e.api_version AS "apiVersion", e.signing,
      e.retry_schedule AS "retrySchedule", e.ordering_on_failure AS "orderingOnFailure",
      e.disabled_reason AS "disabledReason", ${COURSE_COLUMNS},
      ARRAY(SELECT s.sealed_secret FROM endpoint_secret s
             WHERE s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > $1)
             ORDER BY s.number DESC) AS "sealedSecrets"
    FROM endpoint e JOIN endpoint_health h ON h.endpoint_id = e.id
   WHERE e.id = ANY($2::int[]) AND e.url IS NOT NULL AND e.deleted_at IS NULL`;

const COUNTS_SQL = `
  SELECT (SELECT count(*)::int FROM delivery WHERE status = 'pending') AS pending,
    (SELECT count(*)::int FROM delivery WHERE status = 'retrying') AS retrying,
    (SELECT json_object_agg(s.state, (SELECT count(*) FROM endpoint_health h JOIN endpoint e ON e.id = h.endpoint_id
        WHERE h.breaker_state = s.state AND e.deleted_at IS NULL))
       FROM unnest('{closed,open,half_open}'::text[]) AS s (state)) AS "byBreaker"`;

export interface OpenCounts {
  readonly pending: number;
  readonly retrying: number;
  readonly byBreaker: Readonly<Record<string, number>>;
}

/** What is due, and who sends it: across workspaces. */
@Injectable()
export class DueDeliveries {
  constructor(private readonly database: Database) {}

  /** Endpoints that may be sent to and have something due, at most so many. */
  async endpoints(now: Date, limit: number): Promise<number[]> {
    const rows = await this.database.across.query<{ id: number }>({
      name: 'due-endpoints',
      text: DUE_ENDPOINTS_SQL,
      values: [now, limit],
    });
    return rows.map(({ id }) => id);
  }

  /** Leases due deliveries, the longest due first. A lease that has run out is anybody's again. */
  async claim(
    requests: readonly ClaimRequest[],
    lease: { readonly now: Date; readonly until: Date; readonly token: string },
  ): Promise<LeasedDelivery[]> {
    const endpointIds = requests.map(({ endpointId }) => endpointId);
    const most = requests.map((request) => request.most);
    const rows = await this.database.across.query<LeasedRow>({
      name: 'claim-deliveries',
      text: CLAIM_SQL,
      values: [lease.now, endpointIds, most, lease.until, lease.token],
    });
    return rows.map((row) => leasedDelivery(row, lease.token));
  }

  /** Endpoints as they are now; those that were deleted are missing. */
  async receivers(endpointIds: readonly number[], now: Date): Promise<ReceivingEndpoint[]> {
    type Row = Omit<ReceivingEndpoint, 'course'> & CourseRow;
    const rows = await this.database.across.query<Row>({
      name: 'receiving-endpoints',
      text: ENDPOINTS_SQL,
      values: [now, endpointIds],
    });
    return rows.map((row) => ({ ...row, course: courseOf(row) }));
  }

  /** How much has not ended, for operators. */
  async counts(): Promise<OpenCounts> {
    const [counts] = await this.database.across.query<OpenCounts>({ text: COUNTS_SQL });
    return counts ?? { pending: 0, retrying: 0, byBreaker: {} };
  }
}

interface LeasedRow extends Omit<LeasedDelivery, 'event' | 'leaseToken'> {
  readonly eventId: string;
  readonly type: string;
  readonly data: string;
  readonly isPlatform: boolean;
  readonly traceparent: string | null;
}

function leasedDelivery(row: LeasedRow, leaseToken: string): LeasedDelivery {
  const { eventId, type, data, isPlatform, traceparent, ...delivery } = row;
  const { workspaceId, createdAt } = row;
  const event = { id: eventId, workspaceId, type, createdAt, data, isPlatform, traceparent };
  return { ...delivery, event, leaseToken };
}
