import type { planner, RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Answer, PublicRequest } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { type Proposal, type ProposalBody, readProposal } from '../domain/proposal.js';
import type { ActorHistories } from '../ledger/actor-histories.js';
import type { PresentPolicy } from '../ledger/present-policy.js';
import { proposeCommand } from '../ledger/propose-command.js';

/** Judges a proposal and hands the facts to the ledger's writer, whose answer is the operation's. */
export class Propose {
  constructor(
    private readonly presentPolicy: PresentPolicy,
    private readonly histories: ActorHistories,
  ) {}

  async execute({ body, context }: PublicRequest<typeof planner.propose>): Promise<Answer> {
    refuseOtherNames(body, context);
    const proposal = validProposal(body);
    const history = this.histories.get(context);
    return this.presentPolicy.append(context, history, (rules, record) => ({
      case: 'propose',
      value: proposeCommand(proposal, rules, record),
    }));
  }
}

// A body may repeat who asks and where, never say otherwise than the credential.
function refuseOtherNames(body: ProposalBody, context: RequestContext): void {
  const { actor } = principalOf(context);
  if (body.actor !== undefined && body.actor !== actor) {
    throw new ProblemError('access_denied', `This credential acts as ${actor}: leave actor out or say so.`);
  }
  const { id, slug } = workspaceOf(context);
  if (body.tenant !== undefined && body.tenant !== slug && body.tenant !== String(id)) {
    throw new ProblemError('not_found', 'The tenant of the body is not the workspace of this request.');
  }
}

function validProposal(body: ProposalBody): Proposal {
  const result = readProposal(body);
  if ('proposal' in result) return result.proposal;
  throw new ProblemError('validation_failed', 'The proposal does not fit its action; see errors.', {
    errors: result.faults,
  });
}
