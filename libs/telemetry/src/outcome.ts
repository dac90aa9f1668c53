import { ERROR_STATUS, type ErrorCode, ProblemError } from '@magistry/errors';

/**
 * How a piece of work ended, in metrics and spans: `ok`, an error code, `expired` for a request whose caller had
 * gone before it began, or `aborted` for one whose client left before its answer.
 */
export type Outcome = 'ok' | 'expired' | 'aborted' | ErrorCode;

export function outcomeOf(error: unknown): Outcome {
  return error instanceof ProblemError ? error.code : 'server_error';
}

/** Whether we failed, and not the client: a refusal is an answer like any other. */
export function isFailure(outcome: Outcome): boolean {
  return Object.hasOwn(ERROR_STATUS, outcome) && ERROR_STATUS[outcome as ErrorCode] >= 500;
}
