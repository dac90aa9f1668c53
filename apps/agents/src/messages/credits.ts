import { create } from '@bufbuild/protobuf';
import { identity, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';

const FEATURE = 'message_credits';
const DEADLINE_MS = 5_000;

/** A message costs one credit of the workspace's plan, the same pool whatever sends it. */
export class Credits {
  constructor(
    private readonly caller: Caller,
    private readonly now: () => number,
  ) {}

  /** Refuses with `usage_limit_exceeded`. A retry under the request's Idempotency-Key costs nothing more. */
  async charge(context: RequestContext): Promise<void> {
    const { idempotency } = context;
    const asking = create(RequestContextSchema, {
      ...context,
      deadlineUnixMs: Math.min(context.deadlineUnixMs, this.now() + DEADLINE_MS),
      idempotency: idempotency && { ...idempotency, key: `message ${idempotency.key}`.slice(0, 255) },
    });
    const body = Buffer.from(JSON.stringify({ feature: FEATURE, quantity: 1 }));
    try {
      await this.caller.forward(identity.recordUsage, { params: {}, query: '', body }, asking);
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'feature_limit_reached') throw creditsSpent();
      throw error;
    }
  }
}

export function creditsSpent(): ProblemError {
  return new ProblemError('usage_limit_exceeded', 'The daily limit of message credits is used up.');
}
