import type { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { requireNotLoosened } from '../domain/cost-limits.js';
import { limitAudit } from '../domain/limit-audit.js';
import { callerOf } from '../runner/run-starter.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

const ID = /^[1-9]\d{0,8}$/;

/** DELETE /api/v1/cost-limits/:id */
@Injectable()
export class DeleteCostLimit {
  constructor(
    private readonly limits: CostLimitStore,
    private readonly audit: AuditOutbox,
    private readonly writes: KeyedWrites,
  ) {}

  async execute({ context, params }: PublicRequest<typeof agents.deleteCostLimit>) {
    if (!ID.test(params.id)) throw limitNotFound();
    const { id: workspaceId } = workspaceOf(context);
    return this.writes.run(context, async (transaction) => {
      const limit = await this.limits.delete(transaction, workspaceId, Number(params.id));
      if (!limit) throw limitNotFound();
      requireNotLoosened(limit, limit.microsMax, null, callerOf(context));
      const entry = limitAudit(limit, limit.microsMax, null);
      await this.audit.record(transaction, { ...askedBy(context), ...entry });
      return NO_CONTENT;
    });
  }
}

function limitNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such cost limit in this workspace.');
}
