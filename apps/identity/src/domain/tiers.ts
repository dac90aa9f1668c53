import { TIERS, type Tier } from '@magistry/contracts';

export { TIERS, type Tier };

// `business` is another name for what `agency` allows.
const RANK: Readonly<Record<Tier, number>> = {
  free: 0,
  starter: 1,
  pro: 2,
  agency: 3,
  business: 3,
  enterprise: 4,
};

export function exceeds(tier: Tier, limit: Tier): boolean {
  return RANK[tier] > RANK[limit];
}

/** What a key is served at: a workspace that is moved down takes its keys with it, and up again. */
export function effectiveTier(keyTier: Tier | null, workspaceTier: Tier): Tier {
  return keyTier === null || exceeds(keyTier, workspaceTier) ? workspaceTier : keyTier;
}
