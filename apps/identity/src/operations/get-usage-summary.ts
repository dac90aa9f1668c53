import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderEntitlement } from '../domain/entitlements.js';
import { allowancesOf } from '../domain/plans.js';
import type { Tier } from '../domain/tiers.js';
import { UsageStore } from '../storage/usage-store.js';

type Operation = typeof identity.getUsageSummary;

/** GET /api/v1/entitlements/summary: every feature of the workspace's tier, in its present period. */
@Injectable()
export class GetUsageSummary {
  constructor(
    private readonly usage: UsageStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context }: PublicRequest<Operation>): Promise<Answer> {
    const { id, tier } = workspaceOf(context);
    const allowances = allowancesOf(tier as Tier, new Date(this.clock.now()));
    const used = await this.usage.used(id, allowances);
    const entitlements = Object.fromEntries(
      allowances.map((allowance) => [
        allowance.feature,
        renderEntitlement(allowance, used.get(allowance.feature) ?? 0),
      ]),
    );
    return jsonAnswer({ data: { workspace_id: id, tier, entitlements } });
  }
}
