import { decisions, type escalations } from '@magistry/contracts';
import { appendedAnswer } from '@magistry/idempotency';
import type { Answer, Caller, PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { requireEscalationId } from '../domain/escalation.js';

/** POST /v1/escalations/{id}/reject: a row, and the reservation given back. */
export class RejectEscalation {
  constructor(private readonly caller: Caller) {}

  async execute({
    context,
    params,
    body,
  }: PublicRequest<typeof escalations.rejectEscalation>): Promise<Answer> {
    requireEscalationId(params.escalation);
    const value = { escalation: params.escalation, reason: body.reason };
    const subject = decisions.appendSubject(workspaceOf(context).id);
    const message = { command: { case: 'rejectEscalation', value } } as const;
    return appendedAnswer(await this.caller.call(decisions.append, message, context, subject));
  }
}
