import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { limitReached, noSuchFeature, UpgradeUrl } from '../domain/entitlements.js';
import { allowanceOf } from '../domain/plans.js';
import type { Tier } from '../domain/tiers.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { UsageStore } from '../storage/usage-store.js';

type Operation = typeof identity.recordUsage;

/** POST /api/v1/entitlements/usage: the whole quantity or, where it does not fit any more, nothing of it. */
@Injectable()
export class RecordUsage {
  constructor(
    private readonly usage: UsageStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly upgradeUrl: UpgradeUrl,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const { feature, quantity, metadata } = body;
    const { id: workspaceId, tier } = workspaceOf(context);
    const now = new Date(this.clock.now());
    const allowance = allowanceOf(feature, tier as Tier, now);
    if (!allowance) throw noSuchFeature(feature);
    return this.writes.run(context, async (transaction) => {
      const used = await this.usage.add(transaction, workspaceId, allowance, quantity);
      if (used === undefined) throw limitReached(feature, this.upgradeUrl.text);
      if (metadata) await this.usage.note(transaction, { workspaceId, feature, quantity, metadata }, now);
      return jsonAnswer({ recorded: true, feature, current_usage: used, limit: allowance.limit });
    });
  }
}
