import type { KillSwitchFlip, PolicyChange } from './commands.js';
import type { LedgerState } from './ledger-state.js';
import type { DecisionDraft, Outcome } from './outcome.js';

/** A flip is a row like any other, so that its place among the decisions is beyond doubt. */
export function setKillSwitch(
  state: LedgerState,
  command: KillSwitchFlip & { actor: string },
  recordedAt: string,
): Outcome {
  const { engaged, reason, actor } = command;
  if (state.killSwitch.engaged === engaged) return { type: 'unchanged' };
  return {
    type: 'recorded',
    draft: {
      ...controlDraft(state, actor, reason, recordedAt),
      kind: 'KILL_SWITCH',
      action: engaged ? 'KILL_SWITCH_ENGAGE' : 'KILL_SWITCH_RELEASE',
      fromState: engaged ? 'RELEASED' : 'ENGAGED',
      toState: engaged ? 'ENGAGED' : 'RELEASED',
    },
    consequences: {
      counters: [],
      killSwitch: { engaged, reason, changedAt: recordedAt, changedBy: actor },
      events: ['killswitch.flipped'],
    },
  };
}

/** A new policy counts from its row on: proposals judged under the old one are judged again. */
export function setPolicy(
  state: LedgerState,
  command: PolicyChange & { actor: string },
  recordedAt: string,
): Outcome {
  if (state.policyJson === command.policyJson) return { type: 'unchanged' };
  return {
    type: 'recorded',
    draft: {
      ...controlDraft(state, command.actor, command.reason, recordedAt),
      kind: 'POLICY',
      action: 'POLICY_CHANGE',
      fromState: `POLICY@${state.policyVersion}`,
      toState: `POLICY@${state.policyVersion + 1}`,
      parametersJson: command.policyJson,
    },
    consequences: { counters: [], policyJson: command.policyJson, events: [] },
  };
}

function controlDraft(state: LedgerState, actor: string, reason: string | null, recordedAt: string) {
  return {
    agent: actor,
    subject: null,
    facet: null,
    status: 'APPLIED',
    judge: null,
    judgeScoreBasisPoints: null,
    judgeFactors: [],
    tier: null,
    evidence: [],
    gates: [],
    concerns: [],
    parametersJson: null,
    reversal: null,
    reversible: false,
    storeId: null,
    cycle: null,
    reason,
    reverses: null,
    approves: null,
    policyVersion: state.policyVersion,
    budget: null,
    budgetMinor: null,
    uniquenessDigest: null,
    appliedAt: recordedAt,
    appliedBy: actor,
    recordedAt,
  } satisfies Omit<DecisionDraft, 'kind' | 'action' | 'fromState' | 'toState'>;
}
