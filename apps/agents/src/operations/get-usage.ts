import { agents } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { usagePeriod } from '../domain/usage-period.js';
import { UsageStore, type UsageSums } from '../storage/usage-store.js';

const GROUPS_MAX = 500;

/** GET /api/v1/usage/agents: to the unit what `GET /api/v1/runs/:run_id` says of each run. */
@Injectable()
export class GetUsage {
  constructor(
    private readonly usage: UsageStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context, query }: PublicRequest<typeof agents.getUsage>): Promise<Answer> {
    const { group_by, from, to, principal: principalId } = query;
    const period = usagePeriod({ from, to }, this.clock.now(), agents.USAGE_DAYS_MAX);
    const { id } = workspaceOf(context);
    const asked = { period, grouping: group_by, principalId };
    const { total, groups, hasMore } = await this.usage.sums(id, asked, GROUPS_MAX);
    return jsonAnswer({
      data: {
        ...{ ...period, group_by, total: render(total) },
        groups: groups.map(({ name, ...sums }) => ({ name, ...render(sums) })),
        has_more: hasMore,
      },
    });
  }
}

function render(sums: UsageSums) {
  return {
    cost_micros: sums.costMicros,
    prompt_tokens: sums.promptTokens,
    completion_tokens: sums.completionTokens,
    model_calls: sums.settledCalls,
    open: { model_calls: sums.openCalls, reserved_micros: sums.openMicros },
  };
}
