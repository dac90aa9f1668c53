import { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderCostLimit } from '../domain/views/cost-limit-view.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';
import { IntegrationStore } from '../storage/integration-store.js';

type Asked = PublicRequest<typeof agents.setCostLimit>;

/** PUT /api/v1/cost-limits: one for each subject and period; what was spent before it counts. */
@Injectable()
export class SetCostLimit {
  constructor(
    private readonly limits: CostLimitStore,
    private readonly integrations: IntegrationStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context, body }: Asked): Promise<Answer> {
    const { id } = workspaceOf(context);
    const principalId = await this.principalOf(id, body);
    const now = this.clock.date();
    const wanted = { principalId, period: body.period, microsMax: body.micros };
    const limit = await this.limits.set(id, wanted, agents.COST_LIMITS_MAX, now);
    if (limit) return jsonAnswer({ data: renderCostLimit(limit, now) });
    const most = `A workspace has at most ${agents.COST_LIMITS_MAX} cost limits; lift one first.`;
    throw new ProblemError('conflict', most);
  }

  private async principalOf(workspaceId: number, { principal, integration }: Asked['body']) {
    if (integration === undefined) return principal ?? null;
    const found = await this.integrations.find(workspaceId, integration);
    if (found) return found.principalId;
    throw new ProblemError('validation_failed', 'There is no such integration in this workspace.', {
      errors: [{ path: 'integration', code: 'unknown', message: 'must be the id of an integration' }],
    });
  }
}
