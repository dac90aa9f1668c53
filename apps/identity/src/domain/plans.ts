import type { Tier } from './tiers.js';

/** How often a feature's usage begins anew; `never` for what stays, such as storage. */
export type Reset = 'never' | 'daily' | 'monthly';

interface Feature {
  /** In sentences: "Post limit exceeded". */
  readonly label: string;
  readonly reset: Reset;
  readonly unit?: string;
  /** What free, starter, pro and agency include, in the feature's unit; enterprise is unlimited. */
  readonly limits: readonly [number, number, number, number];
}

/** What a write in a sandbox costs the workspace that applied for the partner. */
export const BUILD_CREDITS = 'build_credits';

const GIB = 1024 ** 3;

/** The plan table (design: api.md section 9). */
const FEATURES: Readonly<Record<string, Feature>> = {
  posts: { label: 'Post', reset: 'never', limits: [10, 100, 1_000, 10_000] },
  api_calls: { label: 'API call', reset: 'monthly', limits: [1_000, 5_000, 10_000, 100_000] },
  storage: {
    label: 'Storage',
    reset: 'never',
    unit: 'bytes',
    limits: [Math.floor(0.1 * GIB), GIB, 5 * GIB, 50 * GIB],
  },
  // Writes in sandboxes: the 412 proposals of a partner's first tool fit into a free day (docs/adr/0017).
  [BUILD_CREDITS]: { label: 'Build credit', reset: 'daily', limits: [1_000, 5_000, 10_000, 100_000] },
  message_credits: { label: 'Message credit', reset: 'daily', limits: [100, 1_000, 10_000, 100_000] },
};

const PLAN: Readonly<Record<Tier, 0 | 1 | 2 | 3 | null>> = {
  free: 0,
  starter: 1,
  pro: 2,
  agency: 3,
  business: 3,
  enterprise: null,
};

/** What a tier includes of a feature. */
export interface Allowance {
  readonly feature: string;
  readonly label: string;
  readonly unit: string | undefined;
  /** Null for as much as one likes. */
  readonly limit: number | null;
  /** Names the period that usage counts in: a day, a month, or '' for all time. */
  readonly period: string;
  /** When the next period begins; null for what is never reset. */
  readonly resetAt: Date | null;
}

/** Undefined for a feature that there is not. */
export function allowanceOf(feature: string, tier: Tier, now: Date): Allowance | undefined {
  if (!Object.hasOwn(FEATURES, feature)) return undefined;
  const { label, unit, limits, reset } = FEATURES[feature] as Feature;
  const plan = PLAN[tier];
  return { feature, label, unit, limit: plan === null ? null : limits[plan], ...periodOf(reset, now) };
}

export function allowancesOf(tier: Tier, now: Date): Allowance[] {
  return Object.keys(FEATURES).flatMap((feature) => allowanceOf(feature, tier, now) ?? []);
}

function periodOf(reset: Reset, now: Date): Pick<Allowance, 'period' | 'resetAt'> {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const date = now.toISOString();
  switch (reset) {
    case 'never':
      return { period: '', resetAt: null };
    case 'daily':
      return { period: date.slice(0, 10), resetAt: new Date(Date.UTC(year, month, day + 1)) };
    case 'monthly':
      return { period: date.slice(0, 7), resetAt: new Date(Date.UTC(year, month + 1, 1)) };
  }
}
