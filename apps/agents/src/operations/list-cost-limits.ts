import type { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderCostLimit } from '../domain/views/cost-limit-view.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';

/** GET /api/v1/cost-limits */
@Injectable()
export class ListCostLimits {
  constructor(
    private readonly limits: CostLimitStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context }: PublicRequest<typeof agents.listCostLimits>): Promise<Answer> {
    const limits = await this.limits.list(workspaceOf(context).id);
    const now = this.clock.date();
    return jsonAnswer({ data: limits.map((limit) => renderCostLimit(limit, now)) });
  }
}
