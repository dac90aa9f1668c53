import type { Proposal } from './commands.js';
import type { ReversalTarget } from './decision.js';
import type { EscalatedDecision } from './escalation.js';
import type { LedgerState } from './ledger-state.js';

type Given = Partial<
  Omit<LedgerState, 'counted' | 'subjectState' | 'holderOf' | 'reversalTarget' | 'escalation'>
> & {
  readonly counted?: Readonly<Record<string, number>>;
  readonly subjects?: Readonly<Record<string, string>>;
  readonly holders?: Readonly<Record<string, number>>;
  readonly targets?: Readonly<Record<string, ReversalTarget>>;
  readonly escalated?: EscalatedDecision;
};

/** A released ledger with nothing in it, and whatever a test says. */
export function aLedger({
  counted,
  subjects,
  holders,
  targets,
  escalated,
  ...given
}: Given = {}): LedgerState {
  return {
    workspaceId: 7,
    tenant: 'linen-house',
    decisionId: 41,
    recordedAt: '2026-05-25T06:14:00Z',
    killSwitch: { engaged: false, reason: null, decisionId: 1, changedAt: null, changedBy: null },
    policyVersion: 1,
    policyJson: '{}',
    counted: (counter, period) => counted?.[`${counter} ${period}`] ?? 0,
    subjectState: (subject, facet) => subjects?.[`${subject} ${facet}`] ?? null,
    holderOf: (digest) => holders?.[digest] ?? null,
    reversalTarget: (decision) => targets?.[decision] ?? null,
    escalation: () => escalated ?? null,
    ...given,
  };
}

/** Seed 001's proposal as facts. */
export function aProposal(overrides: Partial<Proposal> = {}): Proposal & { actor: string } {
  return {
    type: 'propose',
    actor: 'partner:research-tool',
    action: 'PRICE_CHANGE',
    subject: 'linen-blazer-stone-m',
    storeId: null,
    tier: 'A',
    evidence: ['rsx://signals/2026-05-25/44912'],
    isDryRun: false,
    policyVersion: 1,
    pureGates: [
      { gate: 'tier_A', passed: true, code: '', message: '' },
      { gate: 'trademark', passed: true, code: '', message: '' },
    ],
    judge: 'PASS',
    judgeScoreBasisPoints: 8_800,
    judgeFactors: [],
    escalations: [],
    effect: { facet: 'PRICE', deltaMinor: -600 },
    uniquenessDigest: 'd1',
    budgetDraw: { budget: 'prices', amountMinor: 600, limitMinorPerDay: 500_000 },
    velocityPerMinute: 600,
    parametersJson: '{"delta_eur":-6}',
    reversal: null,
    isReversible: true,
    ...overrides,
  };
}

/** An applied PRICE_CHANGE from unknown to six euros less. */
export function aTarget(overrides: Partial<ReversalTarget> = {}): ReversalTarget {
  return {
    decisionId: 40,
    agent: 'partner:research-tool',
    action: 'PRICE_CHANGE',
    kind: 'PROPOSAL',
    subject: 'linen-blazer-stone-m',
    facet: 'PRICE',
    fromState: 'PRICE=?',
    toState: 'PRICE=?-6.00',
    status: 'APPLIED',
    tier: 'A',
    storeId: null,
    reversible: true,
    budget: 'prices',
    budgetMinor: 600,
    uniquenessDigest: 'd1',
    recordedAt: '2026-05-24T10:00:00Z',
    reversedBy: null,
    ...overrides,
  };
}
