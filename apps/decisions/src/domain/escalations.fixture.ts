import { canonicalJson, leafOf } from './canonical.js';
import type { Approval, Rejection } from './commands.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import type { EscalatedDecision } from './escalation.js';
import { aLedger, aProposal } from './ledger-state.fixture.js';

export const PROPOSED_AT = Date.parse('2026-05-25T06:14:02Z');
export const ESCALATION = 'esc_01J9X2KQZP6E3XL2000000000A';

/** Seed 001's proposal, escalated by the judge as decision 40: six euros of the 25th of May are reserved. */
export function anEscalation(overrides: Partial<EscalatedDecision> = {}): EscalatedDecision {
  const outcome = decide(aLedger(), aProposal({ judge: 'ESCALATE' }), PROPOSED_AT);
  if (outcome.type !== 'recorded') throw new Error('expected a row');
  const row: Decision = {
    ...outcome.draft,
    workspaceId: 7,
    decisionId: 40,
    id: 'dec_01J9X2KQZP6E3XL2000000000A',
  };
  return {
    row,
    leaf: leafOf(canonicalJson(row)).toString('hex'),
    status: 'pending',
    expiresAt: '2026-05-28T06:14:02Z',
    resultDecisionId: null,
    ...overrides,
  };
}

/** A person's yes, with what the planner says of that row under policy 1. */
export function anApproval(overrides: Partial<Approval> = {}): Approval & { actor: string } {
  const { pureGates, effect, budgetDraw, policyVersion } = aProposal();
  return {
    type: 'approve-escalation',
    actor: 'key:12',
    escalation: ESCALATION,
    reason: 'the season ends',
    leaf: anEscalation().leaf,
    ...{ pureGates, effect, budgetDraw, policyVersion },
    ...overrides,
  };
}

export function aRejection(): Rejection & { actor: string } {
  return { type: 'reject-escalation', actor: 'key:12', escalation: ESCALATION, reason: 'too steep' };
}
