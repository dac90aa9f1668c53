import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { PatienceSchema, type RequestContext, RequestContextSchema, type Success } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Unanswered } from '@magistry/messaging';
import { remainingMs } from '@magistry/request-context';

/** What a process took along when it died is missed this much later, and asked for at another one. */
const WAIT_MS = 4_000;
const ANSWER_MS_MAX = WAIT_MS + 2_000;
const AWAY_PAUSE_MS = 250;

/**
 * Asks until there is an answer, the deadline has come or the client has left. The process that was asked first may be
 * gone: the next one finds by the patience's name what that has begun.
 */
export async function askPatiently(
  context: RequestContext,
  ask: (context: RequestContext, answerMs: number) => Promise<Success>,
  hasLeft: () => boolean,
): Promise<Success> {
  const name = randomUUID();
  for (let isRepeated = false; ; isRepeated = true) {
    const patience = create(PatienceSchema, { name, isRepeated, waitMs: WAIT_MS });
    try {
      const success = await ask(create(RequestContextSchema, { ...context, patience }), ANSWER_MS_MAX);
      if (!success.isPending) return success;
      if (hasLeft()) throw new Unanswered();
    } catch (error) {
      const mayComeYet = error instanceof Unanswered || (isRepeated && isAway(error));
      if (!mayComeYet || hasLeft() || remainingMs(context) <= 0) throw error;
      if (isAway(error)) await pause(AWAY_PAUSE_MS);
    }
  }
}

/** Of what was begun before, this says nothing. */
function isAway(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'service_unavailable';
}
