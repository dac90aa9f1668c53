/** An answer of GitHub's API that is no success; without a status where there was none. */
export interface ApiFailure {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly message: string;
}

/** What follows from it: wait until GitHub's limits allow more, try again soon, or take it for its last word. */
export type ApiVerdict =
  | { readonly kind: 'limited'; readonly freeAt: number }
  | { readonly kind: 'passing' }
  | { readonly kind: 'final' };

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60 * 60 * 1_000;
/** Where GitHub does not say how long (its "best practices for using the REST API"). */
const UNTOLD_WAIT_MS = 60 * 1_000;

/** A limit is told by 403 or 429; `retry-after` counts before `x-ratelimit-reset`. */
export function verdictOn({ status, headers, message }: ApiFailure, now: number): ApiVerdict {
  if (status === undefined || status >= 500 || status === 408) return { kind: 'passing' };
  if (status !== 403 && status !== 429) return { kind: 'final' };
  const isSpent = String(headers['x-ratelimit-remaining']) === '0';
  const retryAfterMs = Number(headers['retry-after']) * 1_000;
  if (retryAfterMs >= 0) return limited(now + retryAfterMs, now);
  if (isSpent) return limited(Number(headers['x-ratelimit-reset']) * 1_000, now);
  const isLimit = status === 429 || /rate limit/i.test(message);
  return isLimit ? limited(now + UNTOLD_WAIT_MS, now) : { kind: 'final' };
}

function limited(at: number, now: number): ApiVerdict {
  const until = Number.isFinite(at) ? at : now + UNTOLD_WAIT_MS;
  const waitMs = Math.min(Math.max(until - now, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
  return { kind: 'limited', freeAt: now + waitMs };
}
