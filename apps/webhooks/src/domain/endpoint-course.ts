import {
  type Breaker,
  breakerAt,
  CLOSED,
  countAttempt,
  NO_ATTEMPTS,
  opened,
  type RecentAttempts,
  turnBreaker,
} from './breaker.js';
import type { DisabledReason } from './endpoint.js';
import { adaptPace, FULL_PACE, type Pace } from './pace.js';
import { type AttemptOutcome, isGone, isSuccess } from './settle-delivery.js';

/** How an endpoint fares, as far as it decides whether and how fast it is sent to. */
export interface EndpointCourse {
  readonly disabledReason: DisabledReason | null;
  readonly consecutiveFailures: number;
  /** Since when no attempt has succeeded. */
  readonly failingSinceUnixMs: number | null;
  /** The highest warning since then, in percent of the time until it is disabled. */
  readonly warnedPercent: number;
  readonly breaker: Breaker;
  readonly pace: Pace;
  readonly recent: RecentAttempts;
}

/** What the workspace is told. */
export type CourseNotice =
  | { readonly type: 'endpoint.warning'; readonly percent: number }
  | { readonly type: 'endpoint.disabled'; readonly reason: DisabledReason }
  | { readonly type: 'endpoint.recovered' };

export const HEALTHY: EndpointCourse = {
  disabledReason: null,
  consecutiveFailures: 0,
  failingSinceUnixMs: null,
  warnedPercent: 0,
  breaker: CLOSED,
  pace: FULL_PACE,
  recent: NO_ATTEMPTS,
};

const HOUR_MS = 60 * 60 * 1_000;
/** An endpoint is disabled when nothing has succeeded for so long: longer than any delivery's schedule. */
export const DISABLED_AFTER_MS = 5 * 24 * HOUR_MS;
const WARNING_PERCENTS: readonly number[] = [50, 70, 90];
/** A disabled endpoint is asked again so often whether it is back. */
const PROBE_EVERY_MS = HOUR_MS;

/** The course after an attempt, and what to tell the workspace. */
export function noteAttempt(
  course: EndpointCourse,
  outcome: AttemptOutcome,
  nowMs: number,
): { course: EndpointCourse; notices: readonly CourseNotice[] } {
  const { statusCode, retryAfterMs } = outcome;
  const pace = adaptPace(course.pace, { statusCode, retryAfterMs, isSuccess: isSuccess(outcome) }, nowMs);
  const recent = countAttempt(course.recent, !isSuccess(outcome), nowMs);
  const breaker = turnBreaker(course.breaker, recent, !isSuccess(outcome), nowMs);
  const noted = { ...course, pace, breaker, recent: breaker === course.breaker ? recent : NO_ATTEMPTS };
  if (isSuccess(outcome)) return recovered(noted);
  const failingSinceUnixMs = course.failingSinceUnixMs ?? nowMs;
  const consecutiveFailures = course.consecutiveFailures + 1;
  const failing = { ...noted, failingSinceUnixMs, consecutiveFailures };
  if (isGone(outcome)) return disabled(failing, 'gone', nowMs);
  return judged(failing, nowMs - failingSinceUnixMs, nowMs);
}

/** The course as time alone has changed it. */
export function courseAt(course: EndpointCourse, nowMs: number): EndpointCourse {
  const breaker = breakerAt(course.breaker, nowMs);
  return breaker === course.breaker ? course : { ...course, breaker };
}

function recovered(course: EndpointCourse) {
  const wasTold = course.warnedPercent > 0 || course.disabledReason === 'failing';
  const healthy = { ...course, disabledReason: null, failingSinceUnixMs: null, warnedPercent: 0 };
  const notices: CourseNotice[] = wasTold ? [{ type: 'endpoint.recovered' }] : [];
  return { course: { ...healthy, consecutiveFailures: 0 }, notices };
}

function judged(course: EndpointCourse, failingMs: number, nowMs: number) {
  if (course.disabledReason !== null) return { course: probedLater(course, nowMs), notices: [] };
  if (failingMs >= DISABLED_AFTER_MS) return disabled(course, 'failing', nowMs);
  const passed = WARNING_PERCENTS.filter((percent) => failingMs >= (DISABLED_AFTER_MS * percent) / 100);
  const percent = passed.at(-1) ?? 0;
  if (percent <= course.warnedPercent) return { course, notices: [] };
  const notices: CourseNotice[] = [{ type: 'endpoint.warning', percent }];
  return { course: { ...course, warnedPercent: percent }, notices };
}

function disabled(course: EndpointCourse, reason: DisabledReason, nowMs: number) {
  const notices: CourseNotice[] =
    course.disabledReason === null ? [{ type: 'endpoint.disabled', reason }] : [];
  return { course: { ...probedLater(course, nowMs), disabledReason: reason }, notices };
}

function probedLater(course: EndpointCourse, nowMs: number): EndpointCourse {
  const breaker = opened(course.breaker, 'disabled; asked again every hour', nowMs, PROBE_EVERY_MS);
  return { ...course, breaker };
}
