import { escalations, type GetEscalatedProposalResponse, type RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Answer, Caller, PublicRequest } from '@magistry/messaging';
import { drawOf, pureGates } from '../domain/assess.js';
import { readEscalatedProposal } from '../domain/escalated-proposal.js';
import type { Proposal } from '../domain/proposal.js';
import type { PresentPolicy } from '../ledger/present-policy.js';

/** Runs the pure gates on the escalated row again, not the judge; the ledger's writer decides. */
export class ApproveEscalation {
  constructor(
    private readonly caller: Caller,
    private readonly presentPolicy: PresentPolicy,
  ) {}

  async execute({
    context,
    params: { escalation },
    body: { reason },
  }: PublicRequest<typeof escalations.approveEscalation>): Promise<Answer> {
    const escalated = this.read(escalation, context);
    return this.presentPolicy.append(context, escalated, (rules, { leaf, proposal }) => {
      const draw = drawOf(proposal, rules);
      const value = {
        escalation,
        reason,
        leaf,
        policyVersion: rules.version,
        gates: pureGates(proposal, rules),
        effect: proposal.consequences.effect,
        ...(draw && { budgetDraw: draw }),
      };
      return { case: 'approveEscalation', value };
    });
  }

  private async read(escalation: string, context: RequestContext) {
    const row = await this.caller.call(escalations.getEscalatedProposal, { escalation }, context);
    return { leaf: row.leaf, proposal: proposalOf(row) };
  }
}

function proposalOf(row: GetEscalatedProposalResponse): Proposal {
  const result = readEscalatedProposal(row);
  if ('proposal' in result) return result.proposal;
  throw new ProblemError(
    'conflict',
    `The action catalogue takes this ${row.action} no longer. Reject the escalation and propose anew.`,
  );
}
