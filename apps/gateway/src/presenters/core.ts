import { ERROR_STATUS, type ErrorCode, type FieldError, type ProblemError } from '@magistry/errors';
import { fieldOf, sentenceOf } from './sentences.js';

/** What seed 003 prints for these codes, whatever the cause. */
const PRINTED: Partial<Record<ErrorCode, string>> = {
  validation_failed: 'The given data was invalid.',
  not_found: 'Resource not found.',
  unauthorized: 'Invalid or missing API key.',
  server_error: 'An unexpected error occurred.',
};

/** The error body of /api/v1: `{"error": code, "message", …extras}` (seed 003, section Error Responses). */
export function coreBody(
  problem: ProblemError,
  requestId: string,
  retryAfterSeconds: number | undefined,
): Record<string, unknown> {
  const { code, errors, extras } = problem;
  return {
    error: code,
    message: messageOf(problem, retryAfterSeconds),
    ...(errors.length > 0 && { errors: sentencesByField(errors) }),
    ...(ERROR_STATUS[code] >= 500 && { request_id: requestId }),
    ...(code === 'rate_limit_exceeded' && { retry_after: retryAfterSeconds }),
    ...extras,
  };
}

function messageOf({ code, message }: ProblemError, retryAfterSeconds: number | undefined): string {
  if (code !== 'rate_limit_exceeded') return PRINTED[code] ?? message;
  return `Too many requests. Please retry after ${retryAfterSeconds} seconds.`;
}

/** `{"name": ["The name field is required."]}` */
function sentencesByField(errors: readonly FieldError[]): Record<string, string[]> {
  const byField = new Map<string, string[]>();
  for (const error of errors) {
    const field = fieldOf(error);
    byField.set(field, [...(byField.get(field) ?? []), sentenceOf(error)]);
  }
  // Not assigned one by one: a client may name a field __proto__.
  return Object.fromEntries(byField);
}
