import { decisions } from '@magistry/contracts';
import { appendedAnswer } from '@magistry/idempotency';
import type { Answer, Caller, PublicRequest } from '@magistry/messaging';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { parseDecisionPath } from '../domain/decision-path.js';

const PARTNER_PRINCIPAL = 'partner:';

/** POST /v1/decisions/{id}/reverse: asks the ledger's writer; the answer is the reversal's own row. */
export class ReverseDecision {
  constructor(private readonly caller: Caller) {}

  async execute({ context, params, body }: PublicRequest<typeof decisions.reverseDecision>): Promise<Answer> {
    parseDecisionPath(params.decision);
    const value = {
      decision: params.decision,
      reason: body.reason,
      ownRowsOnly: principalOf(context).id.startsWith(PARTNER_PRINCIPAL),
    };
    const subject = decisions.appendSubject(workspaceOf(context).id);
    const message = { command: { case: 'reverse', value } } as const;
    return appendedAnswer(await this.caller.call(decisions.append, message, context, subject));
  }
}
