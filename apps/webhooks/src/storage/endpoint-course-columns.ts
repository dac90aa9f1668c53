import { NO_ATTEMPTS } from '../domain/breaker.js';
import type { DisabledReason } from '../domain/endpoint.js';
import type { EndpointCourse } from '../domain/endpoint-course.js';

/** Of `endpoint_health h`, what an endpoint's course is made of. */
export const COURSE_COLUMNS = `h.consecutive_failures AS "consecutiveFailures", h.failing_since AS "failingSince",
  h.warned_percent AS "warnedPercent", h.breaker_state AS "breakerState", h.breaker_reason AS "breakerReason",
  h.breaker_changed_at AS "breakerChangedAt", h.breaker_until AS "breakerUntil", h.breaker_trips AS "breakerTrips",
  h.rate_per_s AS "ratePerSecond", h.rate_changed_at AS "rateChangedAt", h.paused_until AS "pausedUntil"`;

export interface CourseRow {
  readonly disabledReason: DisabledReason | null;
  readonly consecutiveFailures: number;
  readonly failingSince: Date | null;
  readonly warnedPercent: number;
  readonly breakerState: EndpointCourse['breaker']['state'];
  readonly breakerReason: string | null;
  readonly breakerChangedAt: Date | null;
  readonly breakerUntil: Date | null;
  readonly breakerTrips: number;
  readonly ratePerSecond: number | null;
  readonly rateChangedAt: Date | null;
  readonly pausedUntil: Date | null;
}

export function courseOf(row: CourseRow): EndpointCourse {
  return {
    disabledReason: row.disabledReason,
    consecutiveFailures: row.consecutiveFailures,
    failingSinceUnixMs: unixMs(row.failingSince),
    warnedPercent: row.warnedPercent,
    breaker: {
      state: row.breakerState,
      reason: row.breakerReason,
      changedUnixMs: unixMs(row.breakerChangedAt),
      untilUnixMs: unixMs(row.breakerUntil),
      trips: row.breakerTrips,
    },
    pace: {
      ratePerSecond: row.ratePerSecond,
      changedUnixMs: unixMs(row.rateChangedAt),
      pausedUntilUnixMs: unixMs(row.pausedUntil),
    },
    recent: NO_ATTEMPTS,
  };
}

function unixMs(instant: Date | null): number | null {
  return instant === null ? null : instant.getTime();
}
