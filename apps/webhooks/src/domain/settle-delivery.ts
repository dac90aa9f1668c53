import { nextWaitMs } from './retry-schedule.js';

/** What an attempt came to. */
export interface AttemptOutcome {
  /** Null when nothing answered, or not in time. */
  readonly statusCode: number | null;
  /** Why there was no whole answer; null when there was one. */
  readonly failure: string | null;
  /** What the answer's Retry-After asks for, on 429 and 503 alone. */
  readonly retryAfterMs: number | null;
}

export interface DeliveryToSettle {
  /** Attempts made in this round before this one. */
  readonly scheduleStep: number;
  readonly retrySchedule: readonly number[] | null;
  /** True for one that only asks whether the endpoint is back: it uses up none of the schedule. */
  readonly isProbe: boolean;
  readonly orderingOnFailure: 'block' | 'skip' | 'dead_letter' | null;
}

export type SettledDelivery =
  | { readonly status: 'success'; readonly scheduleStep: number }
  | { readonly status: 'retrying'; readonly scheduleStep: number; readonly nextAttemptUnixMs: number }
  | { readonly status: 'failed'; readonly scheduleStep: number; readonly reason: FailedReason };

/** `gone`: 410. `exhausted`: the last attempt failed. `dead_letter`: so did it, and the next of its key goes on. */
export type FailedReason = 'gone' | 'exhausted' | 'dead_letter';

const GONE = 410;

/** 2xx alone: a redirect is a failure, for it is never followed. */
export function isSuccess({ statusCode, failure }: AttemptOutcome): boolean {
  return failure === null && statusCode !== null && statusCode >= 200 && statusCode < 300;
}

/** 410 says that the receiver is gone for good. */
export function isGone({ statusCode, failure }: AttemptOutcome): boolean {
  return failure === null && statusCode === GONE;
}

/** Where a delivery stands after an attempt. `random` from 0 to 1 is the jitter's share. */
export function settleDelivery(
  delivery: DeliveryToSettle,
  outcome: AttemptOutcome,
  nowMs: number,
  random: number,
): SettledDelivery {
  const scheduleStep = delivery.scheduleStep + (delivery.isProbe ? 0 : 1);
  if (isSuccess(outcome)) return { status: 'success', scheduleStep };
  if (isGone(outcome)) return { status: 'failed', scheduleStep, reason: 'gone' };
  const { retryAfterMs } = outcome;
  const attempts = Math.max(scheduleStep, 1);
  const waitMs = nextWaitMs({ schedule: delivery.retrySchedule, attempts, retryAfterMs, random });
  if (waitMs !== undefined) return { status: 'retrying', scheduleStep, nextAttemptUnixMs: nowMs + waitMs };
  const reason = delivery.orderingOnFailure === 'dead_letter' ? 'dead_letter' : 'exhausted';
  return { status: 'failed', scheduleStep, reason };
}
