import type { planner } from '@magistry/contracts';
import { appendedAnswer } from '@magistry/idempotency';
import type { Answer, PublicRequest } from '@magistry/messaging';
import { canonicalJson } from '../domain/digest.js';
import type { Ledger } from '../ledger/ledger.js';

/** Replaces the whole policy: what the body leaves out goes back to the platform's default. */
export class SetPolicy {
  constructor(private readonly ledger: Ledger) {}

  async execute({ body, context }: PublicRequest<typeof planner.setPolicy>): Promise<Answer> {
    const { reason = '', ...policy } = body;
    const value = { policyJson: canonicalJson(policy), reason };
    return appendedAnswer(await this.ledger.append({ case: 'setPolicy', value }, context));
  }
}
