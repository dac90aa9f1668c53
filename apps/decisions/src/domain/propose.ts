import { dayOf, minuteOf, wholeSecond } from './clock.js';
import type { Proposal } from './commands.js';
import type { GateVerdict } from './decision.js';
import { evaluateGates } from './gates.js';
import { budgetCounter, type LedgerState, VELOCITY_COUNTER } from './ledger-state.js';
import type { Consequences, CounterChange, DecisionDraft, EventType, Outcome } from './outcome.js';
import { transition } from './subject-state.js';

type ProposalStatus = 'APPLIED' | 'ESCALATED' | 'REJECTED';

const ESCALATION_LIFE_MS = 72 * 60 * 60 * 1_000;
const OUTCOME_EVENT: Record<ProposalStatus, EventType> = {
  APPLIED: 'decision.applied',
  ESCALATED: 'agent.escalated',
  REJECTED: 'decision.rejected',
};

/** Gates, then judge, then policy: the first that objects decides, and all objections are told. */
export function propose(
  state: LedgerState,
  proposal: Proposal & { actor: string },
  recordedAt: string,
): Outcome {
  if (proposal.policyVersion !== state.policyVersion) return { type: 'policy-moved' };
  const gates = evaluateGates(state, proposal, recordedAt);
  const concerns = concernsOf(proposal);
  const status = statusOf(proposal, gates, concerns);
  const draft = draftOf(state, proposal, { status, gates, concerns, recordedAt });
  if (proposal.isDryRun) return { type: 'dry-run', draft, killSwitchEngaged: state.killSwitch.engaged };
  return { type: 'recorded', draft, consequences: consequencesOf(proposal, draft) };
}

function concernsOf(proposal: Proposal): GateVerdict[] {
  const score = (proposal.judgeScoreBasisPoints / 10_000).toFixed(2);
  if (proposal.judge === 'PASS') return [...proposal.escalations];
  const [code, message] =
    proposal.judge === 'ESCALATE'
      ? ['judge_escalates', `The judge's score of ${score} asks for a person.`]
      : ['judge_rejects', `The judge's score of ${score} is too low.`];
  return [{ gate: 'judge', passed: false, code, message }, ...proposal.escalations];
}

function statusOf(
  proposal: Proposal,
  gates: readonly GateVerdict[],
  concerns: readonly GateVerdict[],
): ProposalStatus {
  if (gates.some((gate) => !gate.passed) || proposal.judge === 'REJECT') return 'REJECTED';
  return concerns.length > 0 ? 'ESCALATED' : 'APPLIED';
}

interface Judged {
  readonly status: ProposalStatus;
  readonly gates: readonly GateVerdict[];
  readonly concerns: readonly GateVerdict[];
  readonly recordedAt: string;
}

function draftOf(state: LedgerState, proposal: Proposal & { actor: string }, judged: Judged): DecisionDraft {
  const { effect } = proposal;
  const moved = effect ? transition(state.subjectState(proposal.subject, effect.facet), effect) : null;
  const isApplied = judged.status === 'APPLIED';
  return {
    kind: 'PROPOSAL',
    agent: proposal.actor,
    action: proposal.action,
    subject: proposal.subject,
    facet: effect?.facet ?? null,
    fromState: moved?.fromState ?? null,
    toState: moved?.toState ?? null,
    status: judged.status,
    judge: proposal.judge,
    judgeScoreBasisPoints: proposal.judgeScoreBasisPoints,
    judgeFactors: proposal.judgeFactors,
    tier: proposal.tier,
    evidence: proposal.evidence,
    gates: judged.gates,
    concerns: judged.concerns,
    parametersJson: proposal.parametersJson,
    reversal: proposal.reversal,
    reversible: proposal.isReversible,
    storeId: proposal.storeId,
    cycle: null,
    reason: null,
    reverses: null,
    approves: null,
    policyVersion: state.policyVersion,
    budget: proposal.budgetDraw?.budget ?? null,
    budgetMinor: proposal.budgetDraw?.amountMinor ?? null,
    uniquenessDigest: proposal.uniquenessDigest,
    appliedAt: isApplied ? judged.recordedAt : null,
    appliedBy: isApplied ? `${proposal.actor}.planner` : null,
    recordedAt: judged.recordedAt,
  };
}

function consequencesOf(proposal: Proposal, draft: DecisionDraft): Consequences {
  const { status, recordedAt } = draft;
  const events: EventType[] = ['decision.proposed', OUTCOME_EVENT[status as ProposalStatus]];
  const counters = countersOf(proposal, draft);
  if (status === 'REJECTED') return { counters, events };
  return {
    counters,
    events,
    holdDigest: proposal.uniquenessDigest,
    ...(status === 'APPLIED' &&
      draft.facet !== null && {
        subjectState: { subject: proposal.subject, facet: draft.facet, state: draft.toState },
      }),
    ...(status === 'ESCALATED' && {
      escalation: {
        status: 'pending' as const,
        expiresAt: wholeSecond(Date.parse(recordedAt) + ESCALATION_LIFE_MS),
      },
    }),
  };
}

/** Velocity counts what passed its own gate; a budget is drawn, or reserved, by what was not rejected. */
function countersOf(proposal: Proposal, draft: DecisionDraft): CounterChange[] {
  const counters: CounterChange[] = [];
  const isCounted = draft.gates.some((gate) => gate.gate === 'rate_limit' && gate.passed);
  if (proposal.velocityPerMinute > 0 && isCounted) {
    counters.push({ counter: VELOCITY_COUNTER, period: minuteOf(draft.recordedAt), amount: 1 });
  }
  if (proposal.budgetDraw && draft.status !== 'REJECTED') {
    const { budget, amountMinor } = proposal.budgetDraw;
    counters.push({ counter: budgetCounter(budget), period: dayOf(draft.recordedAt), amount: amountMinor });
  }
  return counters;
}
