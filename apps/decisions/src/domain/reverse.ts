import { ProblemError } from '@magistry/errors';
import type { Reversal } from './commands.js';
import type { ReversalTarget } from './decision.js';
import { decisionNotFound } from './decision-path.js';
import type { LedgerState } from './ledger-state.js';
import { type Outcome, refused } from './outcome.js';
import { releaseOf } from './reservation.js';

/**
 * Takes an applied decision back with a new row. Allowed while killed; the only gate is that the subject still
 * stands where the decision left it. Gives the budget back and frees uniqueness.
 */
export function reverse(
  state: LedgerState,
  command: Reversal & { actor: string },
  recordedAt: string,
): Outcome {
  const target = state.reversalTarget(command.decision);
  if (!target || (command.isOwnRowsOnly && target.agent !== command.actor))
    return refused(decisionNotFound());
  if (target.status !== 'APPLIED' || !target.reversible) return refused(notReversible(target));
  if (target.reversedBy !== null) return refused(alreadyReversed(target));
  const { subject, facet } = target;
  if (subject !== null && facet !== null) {
    const present = state.subjectState(subject, facet);
    if (present !== target.toState) return refused(stateMoved(target, present));
  }
  return {
    type: 'recorded',
    draft: {
      ...target,
      kind: 'REVERSAL',
      agent: command.actor,
      fromState: target.toState,
      toState: target.fromState,
      status: 'REVERSED',
      judge: null,
      judgeScoreBasisPoints: null,
      judgeFactors: [],
      evidence: [`decision#${target.decisionId}`],
      gates: [{ gate: 'state', passed: true, code: '', message: '' }],
      concerns: [],
      parametersJson: null,
      reversal: null,
      reversible: false,
      cycle: null,
      reason: command.reason,
      reverses: target.decisionId,
      approves: null,
      policyVersion: state.policyVersion,
      appliedAt: recordedAt,
      appliedBy: `${command.actor}.reversal`,
      recordedAt,
    },
    consequences: {
      ...releaseOf(state, target, recordedAt),
      ...(subject !== null &&
        facet !== null && { subjectState: { subject, facet, state: target.fromState } }),
      events: ['decision.reversed'],
    },
  };
}

function notReversible(target: ReversalTarget): ProblemError {
  const why =
    target.status === 'APPLIED' ? `${target.action} has no way back` : `its status is ${target.status}`;
  return new ProblemError('not_reversible', `Decision ${target.decisionId} cannot be reversed: ${why}.`);
}

function alreadyReversed(target: ReversalTarget): ProblemError {
  return new ProblemError(
    'already_reversed',
    `Decision ${target.decisionId} was reversed by decision ${target.reversedBy}.`,
    { extras: { reversed_by: target.reversedBy } },
  );
}

function stateMoved(target: ReversalTarget, present: string | null): ProblemError {
  return new ProblemError(
    'state_moved',
    `${target.subject} stands at ${present ?? 'an unknown state'}, not at ${target.toState} ` +
      'where the decision left it.',
    { extras: { expected_state: target.toState, present_state: present } },
  );
}
