import type { AppendResponse } from '@magistry/contracts';
import { replayHeaders } from '@magistry/idempotency';
import { type Answer, bytesAnswer } from '@magistry/messaging';

/** The writer's answer as the operation's own, marked where it was given before. */
export function appendedAnswer({ body, replayed, originalRequestId }: AppendResponse): Answer {
  return replayed ? bytesAnswer(body, replayHeaders(originalRequestId)) : bytesAnswer(body);
}
