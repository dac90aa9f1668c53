import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { noSuchFeature, renderCheck, UpgradeUrl } from '../domain/entitlements.js';
import { allowanceOf } from '../domain/plans.js';
import type { Tier } from '../domain/tiers.js';
import { UsageStore } from '../storage/usage-store.js';

type Operation = typeof identity.checkEntitlement;

/** GET /api/v1/entitlements/check: whether a quantity would still fit. It reserves nothing. */
@Injectable()
export class CheckEntitlement {
  constructor(
    private readonly usage: UsageStore,
    private readonly clock: Clock,
    private readonly upgradeUrl: UpgradeUrl,
  ) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const { id, tier } = workspaceOf(context);
    const allowance = allowanceOf(query.feature, tier as Tier, new Date(this.clock.now()));
    if (!allowance) throw noSuchFeature(query.feature);
    const used = (await this.usage.used(id, [allowance])).get(query.feature) ?? 0;
    return jsonAnswer(renderCheck(allowance, used, query.quantity, this.upgradeUrl.text));
  }
}
