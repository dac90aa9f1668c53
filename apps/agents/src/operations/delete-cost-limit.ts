import type { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { CostLimitStore } from '../storage/cost-limit-store.js';

const ID = /^[1-9]\d{0,8}$/;

/** DELETE /api/v1/cost-limits/:id */
@Injectable()
export class DeleteCostLimit {
  constructor(private readonly limits: CostLimitStore) {}

  async execute({ context, params }: PublicRequest<typeof agents.deleteCostLimit>): Promise<Answer> {
    const isId = ID.test(params.id);
    if (isId && (await this.limits.delete(workspaceOf(context).id, Number(params.id)))) return NO_CONTENT;
    throw new ProblemError('not_found', 'There is no such cost limit in this workspace.');
  }
}
