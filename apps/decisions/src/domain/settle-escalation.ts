import { ProblemError } from '@magistry/errors';
import type { Expiry, Rejection } from './commands.js';
import type { Decision } from './decision.js';
import { type EscalatedDecision, escalationNotFound, statusAt } from './escalation.js';
import type { LedgerState } from './ledger-state.js';
import { type DecisionDraft, type Outcome, refused } from './outcome.js';
import { releaseOf } from './reservation.js';

/** A person's no. It is a row, and gives back what the escalation reserved; also while killed. */
export function rejectEscalation(
  state: LedgerState,
  command: Rejection & { actor: string },
  recordedAt: string,
): Outcome {
  const escalated = state.escalation(command.escalation);
  if (!escalated) return refused(escalationNotFound());
  if (statusAt(escalated, recordedAt) !== 'pending') return refused(settled(escalated, recordedAt));
  return {
    type: 'recorded',
    draft: answerDraft(state, escalated.row, {
      ...command,
      kind: 'REJECTION',
      status: 'REJECTED',
      recordedAt,
    }),
    consequences: {
      ...releaseOf(state, escalated.row, recordedAt),
      escalation: { status: 'rejected', expiresAt: escalated.expiresAt },
      events: ['decision.rejected'],
    },
  };
}

/** Nobody answered in time. Asked again, or before it is due, it changes nothing. */
export function expireEscalation(
  state: LedgerState,
  command: Expiry & { actor: string },
  recordedAt: string,
): Outcome {
  const escalated = state.escalation(command.escalation);
  if (escalated?.status !== 'pending' || escalated.expiresAt > recordedAt) return { type: 'unchanged' };
  const { actor } = command;
  const reason = `Nobody settled the escalation before ${escalated.expiresAt}.`;
  return {
    type: 'recorded',
    draft: answerDraft(state, escalated.row, {
      actor,
      kind: 'EXPIRY',
      status: 'EXPIRED',
      reason,
      recordedAt,
    }),
    consequences: {
      ...releaseOf(state, escalated.row, recordedAt),
      escalation: { status: 'expired', expiresAt: escalated.expiresAt },
      events: ['decision.rejected'],
    },
  };
}

interface Answer extends Pick<Decision, 'kind' | 'status' | 'recordedAt'> {
  readonly actor: string;
  readonly reason: string;
}

/** The row that answers an escalated one: the same action, in the name of who answers, unjudged. */
export function answerDraft(state: LedgerState, row: Decision, answer: Answer): DecisionDraft {
  return {
    ...row,
    kind: answer.kind,
    agent: answer.actor,
    status: answer.status,
    judge: null,
    judgeScoreBasisPoints: null,
    judgeFactors: [],
    gates: [],
    concerns: [],
    reason: answer.reason,
    approves: row.decisionId,
    policyVersion: state.policyVersion,
    appliedAt: null,
    appliedBy: null,
    recordedAt: answer.recordedAt,
  };
}

/** The first decision won; says which. */
export function settled(escalated: EscalatedDecision, isoSecond: string): ProblemError {
  const status = statusAt(escalated, isoSecond);
  const { resultDecisionId, expiresAt } = escalated;
  const by = escalated.status === status ? resultDecisionId : null;
  const how = status === 'expired' ? `expired at ${expiresAt}` : `was ${status} by decision ${by}`;
  return new ProblemError('conflict', `The escalation ${how}.`, {
    extras: { escalation_status: status, result_decision_id: by },
  });
}
