import type { planner } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import type { LedgerHeads } from '../ledger/ledger-heads.js';

export class GetPolicy {
  constructor(private readonly heads: LedgerHeads) {}

  async execute({ context }: PublicRequest<typeof planner.getPolicy>): Promise<Answer> {
    const { policy, rules } = await this.heads.renew(context);
    return jsonAnswer({ version: rules.version, policy });
  }
}
