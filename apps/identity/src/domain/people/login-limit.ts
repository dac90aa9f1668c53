import { ProblemError } from '@magistry/errors';

/** From this failure on within the window, an account and an address are refused (design: api.md section 2). */
export const LOGIN_FAILURES_MAX = 10;
export const LOGIN_WINDOW_MS = 10 * 60 * 1_000;

/** `oldestAt`: the failure whose going makes room for another one. */
export function tooManyFailures(oldestAt: Date, now: Date): ProblemError {
  const waitMs = oldestAt.getTime() + LOGIN_WINDOW_MS - now.getTime();
  return new ProblemError('rate_limit_exceeded', 'Too many attempts have failed. Wait, then try again.', {
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}
