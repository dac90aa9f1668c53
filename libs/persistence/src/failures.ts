import { ProblemError } from '@magistry/errors';

const UNIQUE_VIOLATION = '23505';
const LOCK_NOT_AVAILABLE = '55P03';
const CONNECTION_EXCEPTION_CLASS = '08';
const OPERATOR_INTERVENTION_CLASS = '57';
const SOCKET_FAILURES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT']);

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === UNIQUE_VIOLATION;
}

/** The server went away or is starting or stopping: a commit in flight has an unknown outcome. */
export function isConnectionFailure(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code.startsWith(CONNECTION_EXCEPTION_CLASS) ||
    code.startsWith(OPERATOR_INTERVENTION_CLASS) ||
    SOCKET_FAILURES.has(code) ||
    (error instanceof Error && /connection|timeout exceeded/i.test(error.message))
  );
}

export function databaseAway(): ProblemError {
  return new ProblemError('service_unavailable', 'The database cannot be reached right now. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}

/** Somebody else held for too long what a query had to wait for. Nothing of its transaction was done. */
export class LockHeld extends ProblemError {
  constructor() {
    super(
      'service_unavailable',
      'Another request holds what this one needs. Nothing was done; retry shortly.',
      {
        retryAfterSeconds: 1,
      },
    );
  }
}

/** Throws on, as `service_unavailable` where a retry helps. */
export function explainFailure(error: unknown): never {
  if (codeOf(error) === LOCK_NOT_AVAILABLE) throw new LockHeld();
  throw isConnectionFailure(error) ? databaseAway() : error;
}
