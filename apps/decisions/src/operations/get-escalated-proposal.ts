import type { escalations } from '@magistry/contracts';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { decisionIdOf, escalationNotFound, requireEscalationId } from '../domain/escalation.js';
import type { EscalationReader } from '../storage/escalation-reader.js';

type Operation = typeof escalations.getEscalatedProposal;

/** Asked by the planner, which runs the pure gates again; the leaf binds its answer to this very row. */
export class GetEscalatedProposal {
  constructor(private readonly reader: EscalationReader) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    requireEscalationId(message.escalation);
    const found = await this.reader.escalatedRow(workspaceOf(context).id, decisionIdOf(message.escalation));
    if (found === null) throw escalationNotFound();
    const { row, leaf } = found;
    return {
      leaf,
      action: row.action,
      subject: row.subject ?? '',
      storeId: row.storeId ?? '',
      evidenceTier: row.tier ?? '',
      evidence: [...row.evidence],
      parametersJson: row.parametersJson ?? '{}',
    };
  }
}
