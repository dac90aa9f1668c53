/** How fast an endpoint may be sent to, below the limit that holds for all. */
export interface Pace {
  /** Null is the full rate. */
  readonly ratePerSecond: number | null;
  readonly changedUnixMs: number | null;
  /** Nothing is sent before: the receiver said Retry-After. */
  readonly pausedUntilUnixMs: number | null;
}

/** Attempts a second that an endpoint gets at most, in any second (`api.md` section 5). */
export const RATE_MAX = 50;
/** Requests to one endpoint that may be unanswered at once. */
export const IN_FLIGHT_MAX = 200;

export const FULL_PACE: Pace = { ratePerSecond: null, changedUnixMs: null, pausedUntilUnixMs: null };

const RATE_MIN = 1;
/** Answers to what was sent before a change are still arriving for so long. */
const SETTLING_MS = 1_000;
const RECOVERY_PER_SECOND = 5;
/** The delivery that was told to wait longer does; the endpoint is asked again after this. */
const PAUSE_MS_MAX = 60_000;
const OVERLOADED = [429, 503];

export function isOverloaded(statusCode: number | null): boolean {
  return statusCode !== null && OVERLOADED.includes(statusCode);
}

/** The pace after an answer: halved by 429 and 503 and paused by their Retry-After, raised again by successes. */
export function adaptPace(
  pace: Pace,
  answer: {
    readonly statusCode: number | null;
    readonly retryAfterMs: number | null;
    readonly isSuccess: boolean;
  },
  nowMs: number,
): Pace {
  if (isOverloaded(answer.statusCode)) return slower(pace, answer.retryAfterMs, nowMs);
  if (!answer.isSuccess || pace.ratePerSecond === null || !isSettled(pace, nowMs)) return pace;
  const ratePerSecond = pace.ratePerSecond + RECOVERY_PER_SECOND;
  if (ratePerSecond >= RATE_MAX) return { ...FULL_PACE, changedUnixMs: nowMs };
  return { ...pace, ratePerSecond, changedUnixMs: nowMs };
}

function slower(pace: Pace, retryAfterMs: number | null, nowMs: number): Pace {
  const pausedUntilUnixMs =
    retryAfterMs === null
      ? pace.pausedUntilUnixMs
      : Math.max(pace.pausedUntilUnixMs ?? 0, nowMs + Math.min(retryAfterMs, PAUSE_MS_MAX));
  if (!isSettled(pace, nowMs)) return { ...pace, pausedUntilUnixMs };
  const ratePerSecond = Math.max(RATE_MIN, (pace.ratePerSecond ?? RATE_MAX) / 2);
  return { ratePerSecond, changedUnixMs: nowMs, pausedUntilUnixMs };
}

function isSettled({ changedUnixMs }: Pace, nowMs: number): boolean {
  return changedUnixMs === null || nowMs - changedUnixMs >= SETTLING_MS;
}
