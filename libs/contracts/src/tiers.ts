/** Subscription tiers, as the public API names them; `business` is another name for what `agency` allows. */
export const TIERS = ['free', 'starter', 'pro', 'agency', 'business', 'enterprise'] as const;

export type Tier = (typeof TIERS)[number];
