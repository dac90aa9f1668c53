import type { ReversalTarget } from './decision.js';
import type { EscalatedDecision } from './escalation.js';

export interface KillSwitch {
  readonly engaged: boolean;
  readonly reason: string | null;
  readonly decisionId: number | null;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
}

/** What decide may know of a workspace's ledger: its head and what the command touches. */
export interface LedgerState {
  readonly workspaceId: number;
  readonly tenant: string;
  /** Place of the last row; 0 when there is none. */
  readonly decisionId: number;
  readonly recordedAt: string;
  readonly killSwitch: KillSwitch;
  readonly policyVersion: number;
  readonly policyJson: string;
  /** Amount counted so far under a counter in a period (a minute or a day). */
  counted(counter: string, period: string): number;
  /** Present state of a subject's facet; null while the ledger knows none. */
  subjectState(subject: string, facet: string): string | null;
  /** The live row that holds a uniqueness digest at that instant. */
  holderOf(uniquenessDigest: string, isoSecond: string): number | null;
  reversalTarget(decision: string): ReversalTarget | null;
  /** By its esc_ id. */
  escalation(escalation: string): EscalatedDecision | null;
}

/** The switch of a workspace that nobody has touched: on by default (seed 001). */
export const DEFAULT_KILL_SWITCH: KillSwitch = {
  engaged: true,
  reason: 'engaged by default for a new workspace',
  decisionId: null,
  changedAt: null,
  changedBy: null,
};

export const VELOCITY_COUNTER = 'velocity';

export function budgetCounter(budget: string): string {
  return `budget:${budget}`;
}
