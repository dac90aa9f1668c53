import { ERROR_STATUS, type ErrorCode, type FieldError, type ProblemError } from '@magistry/errors';

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

/** `{"name": ["The name field is required."]}`; what is wrong with the request as a whole stands under `request`. */
function sentencesByField(errors: readonly FieldError[]): Record<string, string[]> {
  const byField = new Map<string, string[]>();
  for (const { path, code, message } of errors) {
    const field = path === '' ? 'request' : path;
    const sentence = code === 'required' ? `The ${field} field is required.` : `The ${field} ${message}.`;
    byField.set(field, [...(byField.get(field) ?? []), sentence]);
  }
  // Not assigned one by one: a client may name a field __proto__.
  return Object.fromEntries(byField);
}
