import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  CURRENT_API_VERSION,
  identity,
  type RequestContext,
  RequestContextSchema,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Clock } from '../domain/clock.js';
import type { Failure } from '../domain/run.js';
import type { CreditStore, OwingMessage } from '../storage/credit-store.js';
import type { Queryable } from '../storage/database.js';

const FEATURE = 'message_credits';
const DEADLINE_MS = 5_000;
const FINGERPRINT_HASH = 'sha512';

/** `postponed` where it cannot be learnt now: `CreditCollector` charges it later. */
export type Charge = 'charged' | 'postponed' | 'spent';

/**
 * A message costs one credit of the workspace's plan, the same pool whatever sends it. It is charged behind the
 * message's commit and under the message's id: never without a message, and once however often it is tried.
 */
export class Credits {
  constructor(
    private readonly caller: Caller,
    private readonly store: CreditStore,
    private readonly clock: Clock,
  ) {}

  async charge(message: OwingMessage): Promise<Charge> {
    try {
      await this.record(message);
      return 'charged';
    } catch (error) {
      return isSpent(error) ? 'spent' : 'postponed';
    }
  }

  /** That it is charged. Where this is lost, the next try under the same key changes nothing, and notes it. */
  note(message: OwingMessage): void {
    void this.store.settle(message, 'charged').catch(() => undefined);
  }

  /** Takes a message that is refused out of the books, in the commit that ends it. */
  refuse(transaction: Queryable, message: OwingMessage, integrationId: number | undefined): Promise<void> {
    return this.store.refuse(transaction, message, integrationId);
  }

  /** Charges what could not be charged when it was sent; such a message stands, also where the plan is used up. */
  async collect(before: Date, limit: number): Promise<void> {
    for (const message of await this.store.owing(before, limit)) {
      const isPaid = await this.record(message).then(
        () => true,
        (error) => {
          if (isSpent(error)) return false;
          throw error;
        },
      );
      await this.store.settle(message, isPaid ? 'charged' : 'waived');
    }
  }

  private async record(message: OwingMessage): Promise<void> {
    const body = Buffer.from(JSON.stringify({ feature: FEATURE, quantity: 1 }));
    const context = contextOf(message, this.clock.now());
    await this.caller.forward(identity.recordUsage, { params: {}, query: '', body }, context);
  }
}

/** As whoever sent the message, and under its id. */
function contextOf({ workspaceId, id, caller }: OwingMessage, now: number): RequestContext {
  const { requestId, principalId, actor, scopes, workspace } = caller;
  const { deadlineUnixMs, traceparent } = systemContext('agents', { deadlineMs: DEADLINE_MS, now });
  return create(RequestContextSchema, {
    ...{ requestId, deadlineUnixMs, traceparent },
    principal: { id: principalId, actor, scopes: [...scopes] },
    workspace: { id: workspaceId, ...workspace },
    apiVersion: CURRENT_API_VERSION,
    idempotency: { key: `message ${id}`, fingerprint: hash(FINGERPRINT_HASH, id, 'buffer') },
  });
}

function isSpent(error: unknown): boolean {
  return error instanceof ProblemError && error.code === 'feature_limit_reached';
}

/** What a message without a credit is refused with. */
export const CREDITS_SPENT = {
  code: 'usage_limit_exceeded',
  message: 'The daily limit of message credits is used up.',
} as const satisfies Failure;

export function creditsSpent(): ProblemError {
  return new ProblemError(CREDITS_SPENT.code, CREDITS_SPENT.message);
}
