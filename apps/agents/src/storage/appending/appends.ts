import type { CostLimit } from '../../domain/cost-limits.js';
import type { Addition, Lease } from '../lease.js';

/** One run's part of a commit. */
export interface Append {
  readonly lease: Lease;
  readonly addition: Addition;
  readonly recordedAt: Date;
  /** The message's credit is charged. */
  readonly isPaid?: boolean;
}

/**
 * What became of it. Only `appended` was written, and tells the id before its first shown event. The others cost nobody
 * else in the commit anything; `held` is to be tried again: somebody has the run's row, or its tree's, for this moment.
 */
export type Appended =
  | { readonly kind: 'appended'; readonly eventIdBefore: number }
  | { readonly kind: 'lease-lost' | 'over-budget' | 'held' }
  | { readonly kind: 'over-limit'; readonly limit: CostLimit };
