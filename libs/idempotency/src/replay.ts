import type { AppendResponse } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, bytesAnswer } from '@magistry/messaging';

/** Marks an answer that was given before (design: api.md section 3). */
export function replayHeaders(originalRequestId: string): Record<string, string> {
  return { 'Idempotent-Replayed': 'true', 'Idempotency-Original-Request-Id': originalRequestId };
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
export function appendedAnswer({ body, replayed, originalRequestId }: AppendResponse): Answer {
  return replayed ? bytesAnswer(body, replayHeaders(originalRequestId)) : bytesAnswer(body);
}
