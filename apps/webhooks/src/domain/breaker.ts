/**
 * Whether an endpoint may be sent to: closed, all may go; open, nothing until `untilUnixMs`; half-open, one probe.
 * While it is open its deliveries wait and use up none of their attempts.
 */
export interface Breaker {
  readonly state: 'closed' | 'open' | 'half_open';
  readonly reason: string | null;
  readonly changedUnixMs: number | null;
  readonly untilUnixMs: number | null;
  /** Opened so often without closing in between. */
  readonly trips: number;
}

/** Attempts of the present minute, by the worker that serves the endpoint. */
export interface RecentAttempts {
  readonly sinceUnixMs: number;
  readonly attempts: number;
  readonly failures: number;
}

export const CLOSED: Breaker = {
  state: 'closed',
  reason: null,
  changedUnixMs: null,
  untilUnixMs: null,
  trips: 0,
};
export const NO_ATTEMPTS: RecentAttempts = { sinceUnixMs: 0, attempts: 0, failures: 0 };

const WINDOW_MS = 60_000;
const ATTEMPTS_MIN = 100;
const FAILURE_SHARE = 0.8;
const FIRST_PAUSE_MS = 10_000;
const PAUSE_MS_MAX = 10 * 60_000;

export function countAttempt(recent: RecentAttempts, hasFailed: boolean, nowMs: number): RecentAttempts {
  const isOver = nowMs - recent.sinceUnixMs >= WINDOW_MS;
  const { sinceUnixMs, attempts, failures } = isOver ? { ...NO_ATTEMPTS, sinceUnixMs: nowMs } : recent;
  return { sinceUnixMs, attempts: attempts + 1, failures: failures + (hasFailed ? 1 : 0) };
}

/** The breaker after an attempt that is already among the recent ones. */
export function turnBreaker(
  breaker: Breaker,
  recent: RecentAttempts,
  hasFailed: boolean,
  nowMs: number,
): Breaker {
  if (breaker.state === 'closed') {
    const isFailing = recent.attempts >= ATTEMPTS_MIN && recent.failures / recent.attempts >= FAILURE_SHARE;
    const reason = `${recent.failures} of ${recent.attempts} attempts failed within a minute`;
    return hasFailed && isFailing ? opened(breaker, reason, nowMs) : breaker;
  }
  if (!hasFailed) return { ...CLOSED, changedUnixMs: nowMs };
  // Stragglers from before it opened say nothing new.
  return breaker.state === 'half_open' ? opened(breaker, 'the probe failed', nowMs) : breaker;
}

/** What the breaker is by now: open ones become half-open when their pause is over. */
export function breakerAt(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.state !== 'open' || nowMs < (breaker.untilUnixMs ?? 0)) return breaker;
  return { ...breaker, state: 'half_open', changedUnixMs: nowMs };
}

/** Deliveries that may be under way at once as far as the breaker goes. */
export function allowedByBreaker({ state }: Breaker): number {
  if (state === 'open') return 0;
  return state === 'half_open' ? 1 : Number.POSITIVE_INFINITY;
}

/** Open for `pauseMs`, or twice as long as the time before, up to ten minutes. */
export function opened({ trips }: Breaker, reason: string, nowMs: number, pauseMs?: number): Breaker {
  const doubled = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(trips, 10), PAUSE_MS_MAX);
  const untilUnixMs = nowMs + (pauseMs ?? doubled);
  return { state: 'open', reason, changedUnixMs: nowMs, untilUnixMs, trips: trips + 1 };
}
