import type { Success } from '@magistry/contracts';
import { ERROR_STATUS, ProblemError } from '@magistry/errors';
import { decodeReply, encodeProblem, encodeSuccess } from '@magistry/messaging';
import { ORIGINAL_REQUEST_ID, replayHeaders } from './replay.js';

/** What of a first answer's headers is part of the answer; the rest belongs to its own request. */
const KEPT_HEADERS = new Set(['location', 'etag', 'content-type']);
/** 409 and 422 that say something about the request or the moment, and nothing about its effect. */
const PASSING_CODES = new Set<string>([
  'validation_failed',
  'idempotency_in_progress',
  'idempotency_key_reused',
]);

/** Whether a refusal is an answer for good; every other one frees the key (design: api.md section 6). */
export function isKeptRefusal({ code }: ProblemError): boolean {
  const status = ERROR_STATUS[code];
  return (status === 409 || status === 422) && !PASSING_CODES.has(code);
}

/** The first answer as it will be given again, marked as a replay of `requestId`. */
export function keepSuccess(success: Success, requestId: string): Uint8Array {
  const kept = Object.entries(success.headers).filter(([name]) => KEPT_HEADERS.has(name.toLowerCase()));
  return encodeSuccess({
    status: success.status,
    body: success.body,
    headers: { ...Object.fromEntries(kept), ...replayHeaders(originalOf(success.headers, requestId)) },
    withoutEffect: false,
  });
}

export function keepRefusal(problem: ProblemError, requestId: string): Uint8Array {
  const { code, message, errors, extras, headers } = problem;
  return encodeProblem(
    new ProblemError(code, message, {
      errors,
      headers: replayHeaders(originalOf(headers, requestId)),
      ...(extras && { extras }),
    }),
  );
}

/** The kept answer again; a kept refusal is thrown. */
export function replayKept(answer: Uint8Array): Success {
  return decodeReply(answer);
}

// The service's own row may have answered already: then the first request is the one that it names.
function originalOf(headers: Readonly<Record<string, string>>, requestId: string): string {
  return headers[ORIGINAL_REQUEST_ID] ?? requestId;
}
