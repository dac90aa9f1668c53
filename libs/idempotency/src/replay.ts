import type { AppendResponse } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, bytesAnswer } from '@magistry/messaging';

export const ORIGINAL_REQUEST_ID = 'Idempotency-Original-Request-Id';

/** Marks an answer that was given before (design: api.md section 3). */
export function replayHeaders(originalRequestId: string): Record<string, string> {
  return { 'Idempotent-Replayed': 'true', [ORIGINAL_REQUEST_ID]: originalRequestId };
}

/** The refusal of a key that another request has used; `mismatch` names the parts that differ. */
export function keyReused(mismatch: readonly string[]): ProblemError {
  return new ProblemError(
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request. Send a new key, or repeat the first request unchanged.',
    { extras: { mismatch } },
  );
}

/** The ledger writer's answer as an operation's own, marked where it was given before. */
export function appendedAnswer(appended: AppendResponse): Answer {
  const { body, replayed, originalRequestId, withoutEffect } = appended;
  if (replayed) return bytesAnswer(body, replayHeaders(originalRequestId));
  return withoutEffect ? { ...bytesAnswer(body), withoutEffect } : bytesAnswer(body);
}
