import type { decisions } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import type { VerifiedUpTo } from '../domain/verify-ledger.js';
import type { LedgerStretches } from '../storage/across/ledger-stretch.js';

type Operation = typeof decisions.verifyLedger;

/** For an operator: the next stretch of a workspace's chain, recomputed from the visible columns. */
export class VerifyLedger {
  constructor(private readonly stretches: LedgerStretches) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const workspaceId = message.workspaceId || (await this.stretches.firstWorkspace());
    const stretch = await this.stretches.verify(workspaceId, startOf(message));
    const { verified, headDecisionId, fault, isComplete, nextWorkspaceId } = stretch;
    return {
      workspaceId,
      decisionId: BigInt(verified.decisionId),
      chain: verified.chain,
      headDecisionId: BigInt(headDecisionId),
      isComplete,
      nextWorkspaceId,
      ...(fault && { fault: { ...fault, decisionId: BigInt(fault.decisionId) } }),
    };
  }
}

function startOf({ afterDecisionId, chain }: CallRequest<Operation>['message']): VerifiedUpTo | undefined {
  if (afterDecisionId === 0n) return undefined;
  return { decisionId: Number(afterDecisionId), chain: Buffer.from(chain) };
}
