import type { Action } from './action.js';
import { candidatePromote, csReply, disputeResponse } from './case-actions.js';
import { budgetShift, discountTest, priceChange, priceRestore } from './money-actions.js';
import { listingEdit, productLaunch, productRetire } from './product-actions.js';

/** Every action that can be proposed, by name, in the order of the reference pages. */
export const catalogue: ReadonlyMap<string, Action> = new Map(
  [
    priceChange,
    discountTest,
    priceRestore,
    budgetShift,
    productLaunch,
    productRetire,
    listingEdit,
    csReply,
    disputeResponse,
    candidatePromote,
  ].map((action) => [action.name, action]),
);

/** Gates of every proposal, in order. The planner judges the middle two, the ledger's writer the rest. */
export const GATES = [
  'kill_switch',
  'rate_limit',
  'tier_<A|B|C>',
  'trademark',
  'uniqueness',
  'budget',
] as const;
