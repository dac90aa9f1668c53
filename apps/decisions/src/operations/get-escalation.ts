import type { escalations } from '@magistry/contracts';
import { type Answer, bytesAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { wholeSecond } from '../domain/clock.js';
import {
  decisionIdOf,
  escalationNotFound,
  renderEscalation,
  requireEscalationId,
} from '../domain/escalation.js';
import type { EscalationReader } from '../storage/escalation-reader.js';

/** GET /v1/escalations/{id} */
export class GetEscalation {
  constructor(
    private readonly reader: EscalationReader,
    private readonly now: () => number,
  ) {}

  async execute({ context, params }: PublicRequest<typeof escalations.getEscalation>): Promise<Answer> {
    requireEscalationId(params.escalation);
    const found = await this.reader.escalation(workspaceOf(context).id, decisionIdOf(params.escalation));
    if (found === null) throw escalationNotFound();
    return bytesAnswer(Buffer.from(renderEscalation(found.row, found.settlement, wholeSecond(this.now()))));
  }
}
