const HOUR_SECONDS = 3_600;

/** Waits between the 10 attempts of a delivery: 73.6 hours in all (`api.md` section 9). */
export const RETRY_WAITS_SECONDS: readonly number[] = [
  ...[5, 60, 5 * 60, 30 * 60],
  ...[2, 5, 10, 20, 36].map((hours) => hours * HOUR_SECONDS),
];

/** A wait is longer by up to so much, so that what failed together does not come back together. */
const JITTER_SHARE_MAX = 0.2;

/** What a receiver may ask for with Retry-After is capped. */
const RETRY_AFTER_MS_MAX = 24 * HOUR_SECONDS * 1_000;

export interface NextWait {
  /** Seconds between attempts; null is the platform's schedule. */
  readonly schedule: readonly number[] | null;
  /** Attempts made in this round, the failed one included: 1 or more. */
  readonly attempts: number;
  /** What the receiver asked for; a floor, never shortened. */
  readonly retryAfterMs: number | null;
  /** From 0 to 1, the jitter's share. */
  readonly random: number;
}

/** How long to wait before the next attempt, in milliseconds; undefined when the schedule is over. */
export function nextWaitMs({ schedule, attempts, retryAfterMs, random }: NextWait): number | undefined {
  const seconds = (schedule ?? RETRY_WAITS_SECONDS)[attempts - 1];
  if (seconds === undefined) return undefined;
  const jittered = Math.round(seconds * 1_000 * (1 + JITTER_SHARE_MAX * random));
  return Math.max(jittered, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MS_MAX));
}

/** Retry-After in milliseconds from now, given as seconds or as a date (RFC 9110); null unless it is one of them. */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  // Date.parse takes far more than HTTP dates: 2026, or -1.
  const at = /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
