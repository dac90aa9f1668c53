import { ProblemError } from '@magistry/errors';
import { isConnectionFailure } from '@magistry/persistence';

/** Throws on, as `service_unavailable` where a retry helps. */
export function explain(error: unknown): never {
  if (!isConnectionFailure(error)) throw error;
  throw new ProblemError('service_unavailable', 'The database cannot be reached right now. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}
