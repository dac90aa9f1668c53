import { ProblemError } from '@magistry/errors';
import { dayOf } from './clock.js';
import type { Approval } from './commands.js';
import type { Decision, GateVerdict } from './decision.js';
import { type EscalatedDecision, escalationNotFound, statusAt } from './escalation.js';
import { evaluateGates } from './gates.js';
import { budgetCounter, type LedgerState } from './ledger-state.js';
import { type Consequences, type Outcome, refused } from './outcome.js';
import { refundOf, releaseOf, withoutReservation } from './reservation.js';
import { answerDraft, settled } from './settle-escalation.js';
import { transition } from './subject-state.js';

type ApprovalBy = Approval & { readonly actor: string };

/**
 * A person's yes: releases what the escalation reserved and decides, in one step. The gates run again on the very
 * row that the approval names, the judge does not; the first answer wins.
 */
export function approveEscalation(state: LedgerState, command: ApprovalBy, recordedAt: string): Outcome {
  const escalated = state.escalation(command.escalation);
  const problem = refusalOf(escalated, command, recordedAt);
  if (!escalated || problem) return refused(problem ?? escalationNotFound());
  if (command.policyVersion !== state.policyVersion) return { type: 'policy-moved' };
  const moved = movedSubject(state, escalated.row, command);
  if (moved) return refused(moved);
  const gates = gatesOf(state, escalated.row, command, recordedAt);
  return gates.every((gate) => gate.passed)
    ? applied(state, escalated, { command, gates, recordedAt })
    : rejected(state, escalated, { command, gates, recordedAt });
}

function refusalOf(
  escalated: EscalatedDecision | null,
  command: ApprovalBy,
  recordedAt: string,
): ProblemError | null {
  if (!escalated) return escalationNotFound();
  if (escalated.row.agent === command.actor) return ownProposal(command.actor);
  if (statusAt(escalated, recordedAt) !== 'pending') return settled(escalated, recordedAt);
  return escalated.leaf === command.leaf ? null : anotherRow();
}

/** The approved change starts where the judged row saw its subject, or not at all. */
function movedSubject(state: LedgerState, row: Decision, { effect }: Approval): ProblemError | null {
  if (row.subject === null || row.facet === null) return null;
  const present = state.subjectState(row.subject, row.facet);
  const fromState = effect ? transition(present, effect).fromState : present;
  return fromState === row.fromState ? null : stateMoved(row, present);
}

/** Velocity counted the proposal when it was made, and does not count its approval. */
function gatesOf(state: LedgerState, row: Decision, command: Approval, recordedAt: string): GateVerdict[] {
  const { pureGates, budgetDraw } = command;
  const uniquenessDigest = row.uniquenessDigest ?? '';
  return evaluateGates(
    withoutReservation(state, row),
    { pureGates, budgetDraw, uniquenessDigest, isDryRun: false, velocityPerMinute: 0 },
    recordedAt,
  );
}

interface Answered {
  readonly command: ApprovalBy;
  readonly gates: readonly GateVerdict[];
  readonly recordedAt: string;
}

function applied(
  state: LedgerState,
  { row, expiresAt }: EscalatedDecision,
  { command, gates, recordedAt }: Answered,
): Outcome {
  const { budgetDraw: draw, actor } = command;
  return {
    type: 'recorded',
    draft: {
      ...answerDraft(state, row, { ...command, kind: 'APPROVAL', status: 'APPLIED', recordedAt }),
      gates,
      budget: draw?.budget ?? null,
      budgetMinor: draw?.amountMinor ?? null,
      appliedAt: recordedAt,
      appliedBy: `${actor}.approval`,
    },
    consequences: {
      counters: [
        ...refundOf(row),
        ...(draw
          ? [{ counter: budgetCounter(draw.budget), period: dayOf(recordedAt), amount: draw.amountMinor }]
          : []),
      ],
      ...(row.uniquenessDigest !== null && { holdDigest: row.uniquenessDigest }),
      ...(row.subject !== null &&
        row.facet !== null && {
          subjectState: { subject: row.subject, facet: row.facet, state: row.toState },
        }),
      escalation: { status: 'approved', expiresAt },
      events: ['decision.applied'],
    },
  };
}

/** Settles the escalation, unless the kill switch stands in the way: then it waits for another try. */
function rejected(
  state: LedgerState,
  { row, expiresAt }: EscalatedDecision,
  { command, gates, recordedAt }: Answered,
): Outcome {
  const draft = answerDraft(state, row, { ...command, kind: 'APPROVAL', status: 'REJECTED', recordedAt });
  const consequences: Pick<Consequences, 'counters' | 'freeDigest' | 'escalation'> = isKilled(gates)
    ? { counters: [], escalation: { status: 'pending', expiresAt } }
    : { ...releaseOf(state, row, recordedAt), escalation: { status: 'rejected', expiresAt } };
  return {
    type: 'recorded',
    draft: { ...draft, gates },
    consequences: { ...consequences, events: ['decision.rejected'] },
  };
}

/** Whether gates refused because of the kill switch, among whatever else. */
export function isKilled(gates: readonly GateVerdict[]): boolean {
  return gates.some(({ gate, passed }) => gate === 'kill_switch' && !passed);
}

function ownProposal(actor: string): ProblemError {
  return new ProblemError(
    'access_denied',
    `${actor} proposed this itself: another key must approve it. Rejecting it is open to both.`,
  );
}

function anotherRow(): ProblemError {
  return new ProblemError(
    'conflict',
    'The escalated decision is not the one that was assessed; nothing was written. Read it again.',
  );
}

function stateMoved(row: Decision, present: string | null): ProblemError {
  return new ProblemError(
    'state_moved',
    `${row.subject} stands at ${present ?? 'an unknown state'}, not at ${row.fromState} as when it was judged.`,
    { extras: { expected_state: row.fromState, present_state: present } },
  );
}
