import { ProblemError } from '@magistry/errors';
import { shown } from './clock.js';
import type { Allowance } from './plans.js';

const HUNDREDTHS = 100;

/** Where a workspace gets more; part of every refusal for want of room. */
export class UpgradeUrl {
  constructor(readonly text: string) {}
}

/** The answer of `GET /api/v1/entitlements/check`, as seed 003 prints it. */
export function renderCheck(allowance: Allowance, used: number, quantity: number, upgradeUrl: string) {
  const { feature, label, limit } = allowance;
  const figures = { current_usage: used, limit, available: available(limit, used) };
  if (limit === null || used + quantity <= limit) return { allowed: true, feature, ...figures };
  return {
    allowed: false,
    feature,
    reason: 'LIMIT_EXCEEDED',
    message: `${label} limit exceeded. Used: ${used}, Limit: ${limit}`,
    ...figures,
    upgrade_url: upgradeUrl,
  };
}

/** One feature of `GET /api/v1/entitlements/summary`. */
export function renderEntitlement({ limit, resetAt, unit }: Allowance, used: number) {
  return {
    used,
    limit,
    available: available(limit, used),
    percentage: limit === null ? null : Math.round((used / limit) * 100 * HUNDREDTHS) / HUNDREDTHS,
    ...(resetAt && { reset_at: shown(resetAt) }),
    ...(unit !== undefined && { unit }),
  };
}

export function limitReached(feature: string, upgradeUrl: string): ProblemError {
  return new ProblemError('feature_limit_reached', 'You have reached your limit for this feature.', {
    extras: { feature, upgrade_url: upgradeUrl },
  });
}

export function noSuchFeature(feature: string): ProblemError {
  return new ProblemError('not_found', `There is no feature ${JSON.stringify(feature)}.`);
}

// A tier that was lowered can leave more used than there is.
function available(limit: number | null, used: number): number | null {
  return limit === null ? null : Math.max(0, limit - used);
}
