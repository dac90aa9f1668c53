import { type Measure, untilNextUnitUs, wholeUnitsLeft } from './bucket.js';
import type { RateRule } from './rate-table.js';

const SECOND_US = 1_000_000;

/** A bucket as it stood after a request, for that request's answer. */
export interface BucketReading {
  readonly rule: RateRule;
  /** Microseconds until the bucket is full again. */
  readonly debtUs: number;
  /** Unix microseconds of the clock that the debt was reckoned by. */
  readonly nowUs: number;
}

/** What is left above the reserve (capacity - sustained), never below 0. */
export function remainingOf({ rule, debtUs }: BucketReading): number {
  return Math.max(0, wholeUnitsLeft(rule, debtUs) - reserveOf(rule));
}

/** Unix seconds at which the bucket is full again. */
export function resetUnixSeconds({ debtUs, nowUs }: BucketReading): number {
  return Math.ceil((nowUs + debtUs) / SECOND_US);
}

/** Whole seconds, at least 1, until a refused request fits. */
export function retryAfterSeconds({ rule, debtUs }: BucketReading): number {
  return Math.max(1, Math.ceil(untilNextUnitUs(rule, debtUs) / SECOND_US));
}

/** The RateLimit field (draft-ietf-httpapi-ratelimit-headers): `t` is left out while the bucket is full. */
export function rateLimitField(reading: BucketReading): string {
  const { rule, debtUs } = reading;
  const remaining = remainingOf(reading);
  const left = wholeUnitsLeft(rule, debtUs);
  if (debtUs === 0) return `"sustained";r=${remaining}, "burst";r=${left}`;
  const burstSeconds = Math.ceil(untilNextUnitUs(rule, debtUs) / SECOND_US);
  const sustainedSeconds = Math.ceil(untilSustainedUs(rule, debtUs, remaining) / SECOND_US);
  return `"sustained";r=${remaining};t=${sustainedSeconds}, "burst";r=${left};t=${burstSeconds}`;
}

// With the reserve in use, everything up to it refills before the sustained quota shows one again.
function untilSustainedUs(rule: RateRule, debtUs: number, remaining: number): number {
  if (remaining > 0) return untilNextUnitUs(rule, debtUs);
  const wanted = reserveOf(rule) + 1;
  return Math.max(0, debtUs - (rule.capacity - wanted) * rule.intervalUs);
}

function reserveOf({ capacity, perMinute }: Measure & { perMinute: number }): number {
  return Math.max(0, capacity - perMinute);
}
