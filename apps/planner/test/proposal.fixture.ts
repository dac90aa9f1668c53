import { planner } from '@magistry/contracts';
import type { ActorHistory } from '../src/domain/judge.js';
import { type Rules, rulesOf } from '../src/domain/policy.js';
import { type Proposal, type ReadProposal, readProposal } from '../src/domain/proposal.js';

/** Seed 001's body. */
export const seedBody = {
  tenant: 'linen-house',
  actor: 'partner:research-tool',
  action: 'PRICE_CHANGE',
  sku: 'linen-blazer-stone-m',
  delta_eur: -6.0,
  evidence_tier: 'A',
  evidence_ref: 'rsx://signals/2026-05-25/44912',
  dry_run: false,
};

export const noHistory: ActorHistory = { applied: 0, rejected: 0, escalated: 0, reversed: 0 };

/** Seed 001's proposal for another action: without its parameter and its subject. */
export function bodyOf(action: string, fields: Record<string, unknown>): Record<string, unknown> {
  const { sku: _sku, delta_eur: _delta, ...rest } = seedBody;
  return { ...rest, action, ...fields };
}

/** Through the contract, then through the catalogue, as a request goes. */
export function read(body: Record<string, unknown>): ReadProposal {
  return readProposal(planner.propose.body.parse(body));
}

export function aProposal(body: Record<string, unknown> = seedBody): Proposal {
  const result = read(body);
  if ('proposal' in result) return result.proposal;
  throw new Error(`the fixture is not valid: ${JSON.stringify(result.faults)}`);
}

/** Rules of a policy that keeps the defaults but for `changes`. */
export function someRules(changes: Partial<planner.Policy> = {}): Rules {
  return rulesOf(1, planner.policy.parse(changes));
}
