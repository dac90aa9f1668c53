import type { escalations } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Decision } from './decision.js';

export type EscalationStatus = escalations.EscalationStatus;

/** What is known of an escalation beside the row that it waits for. */
export interface Settlement {
  readonly status: EscalationStatus;
  readonly expiresAt: string;
  /** The last row that answered it. */
  readonly resultDecisionId: number | null;
}

/** An ESCALATED row and what became of it. */
export interface EscalatedDecision extends Settlement {
  readonly row: Decision;
  /** Hexadecimal leaf of the row's canonical bytes. */
  readonly leaf: string;
}

const ID = /^esc_[0-9A-HJKMNP-TV-Z]{26}$/;

/** An escalation shares its decision's ULID. */
export function escalationIdOf(decisionId: string): string {
  return `esc_${decisionId.slice('dec_'.length)}`;
}

/** The dec_ id behind an escalation's. */
export function decisionIdOf(escalation: string): string {
  return `dec_${escalation.slice('esc_'.length)}`;
}

/** An escalation as a path names it. What cannot be one is `not_found`. */
export function requireEscalationId(escalation: string): void {
  if (!ID.test(escalation)) throw escalationNotFound();
}

export function escalationNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such escalation in this workspace.');
}

/** Time is up when it is up, also before the row that says so is written. */
export function statusAt({ status, expiresAt }: Settlement, isoSecond: string): EscalationStatus {
  return status === 'pending' && expiresAt <= isoSecond ? 'expired' : status;
}

/** The escalation as the API shows it, at an instant. */
export function renderEscalation(
  row: Pick<Decision, 'id' | 'decisionId'>,
  settlement: Settlement,
  isoSecond: string,
): string {
  const shown: escalations.Escalation = {
    id: escalationIdOf(row.id),
    status: statusAt(settlement, isoSecond),
    decision_id: row.decisionId,
    result_decision_id: settlement.resultDecisionId,
    expires_at: settlement.expiresAt,
  };
  return JSON.stringify(shown);
}
