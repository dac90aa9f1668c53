import { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { requireNotLoosened } from '../domain/cost-limits.js';
import { limitAudit } from '../domain/limit-audit.js';
import { renderCostLimit } from '../domain/views/cost-limit-view.js';
import { callerOf } from '../runner/run-starter.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';
import { IntegrationStore } from '../storage/integration-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Asked = PublicRequest<typeof agents.setCostLimit>;

/** PUT /api/v1/cost-limits: one for each subject and period; what was spent before it counts. */
@Injectable()
export class SetCostLimit {
  constructor(
    private readonly limits: CostLimitStore,
    private readonly integrations: IntegrationStore,
    private readonly audit: AuditOutbox,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
  ) {}

  async execute({ context, body }: Asked) {
    const { id } = workspaceOf(context);
    const principalId = await this.principalOf(id, body);
    const now = this.clock.date();
    const wanted = { principalId, period: body.period, microsMax: body.micros };
    return this.writes.run(context, async (transaction) => {
      const set = await this.limits.set(transaction, id, wanted, agents.COST_LIMITS_MAX, now);
      if (!set) throw tooMany();
      const { limit, microsBefore } = set;
      requireNotLoosened(limit, microsBefore, limit.microsMax, callerOf(context));
      if (microsBefore !== limit.microsMax) {
        const entry = limitAudit(limit, microsBefore, limit.microsMax);
        await this.audit.record(transaction, { ...askedBy(context), ...entry });
      }
      return jsonAnswer({ data: renderCostLimit(limit, now) });
    });
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

function tooMany(): ProblemError {
  const most = `A workspace has at most ${agents.COST_LIMITS_MAX} cost limits; lift one first.`;
  return new ProblemError('conflict', most);
}
