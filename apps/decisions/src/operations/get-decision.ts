import type { decisions } from '@magistry/contracts';
import { type Answer, bytesAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { decisionNotFound, parseDecisionPath } from '../domain/decision-path.js';
import type { DecisionReader } from '../storage/decision-reader.js';

/** GET /v1/decisions/{id}, by ledger number or dec_ id. */
export class GetDecision {
  constructor(private readonly reader: DecisionReader) {}

  async execute({ context, params }: PublicRequest<typeof decisions.getDecision>): Promise<Answer> {
    const ledger = { workspaceId: workspaceOf(context).id, apiVersion: context.apiVersion };
    const row = await this.reader.row(ledger, parseDecisionPath(params.decision));
    if (row === null) throw decisionNotFound();
    return bytesAnswer(Buffer.from(row));
  }
}
