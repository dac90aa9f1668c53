import type { Tier } from './tiers.js';

/** A workspace that is not deleted. */
export interface LiveWorkspace {
  readonly id: number;
  readonly slug: string;
  readonly tier: Tier;
  /** A partner's own, where writes cost build credits. */
  readonly isSandbox: boolean;
}
