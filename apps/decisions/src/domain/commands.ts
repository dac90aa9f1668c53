import type { GateVerdict, JudgeFactor } from './decision.js';
import type { Effect } from './subject-state.js';

export interface BudgetDraw {
  readonly budget: string;
  readonly amountMinor: number;
  readonly limitMinorPerDay: number;
}

export interface Proposal {
  readonly type: 'propose';
  readonly action: string;
  readonly subject: string;
  readonly storeId: string | null;
  readonly tier: string;
  readonly evidence: readonly string[];
  readonly isDryRun: boolean;
  readonly policyVersion: number;
  readonly pureGates: readonly GateVerdict[];
  readonly judge: string;
  readonly judgeScoreBasisPoints: number;
  readonly judgeFactors: readonly JudgeFactor[];
  readonly escalations: readonly GateVerdict[];
  readonly effect: Effect | null;
  readonly uniquenessDigest: string;
  readonly budgetDraw: BudgetDraw | null;
  /** 0 switches the velocity gate off. */
  readonly velocityPerMinute: number;
  readonly parametersJson: string;
  readonly reversal: string | null;
  readonly isReversible: boolean;
}

export interface Reversal {
  readonly type: 'reverse';
  readonly decision: string;
  readonly reason: string;
  readonly isOwnRowsOnly: boolean;
}

export interface KillSwitchFlip {
  readonly type: 'set-kill-switch';
  readonly engaged: boolean;
  readonly reason: string;
}

export interface PolicyChange {
  readonly type: 'set-policy';
  readonly policyJson: string;
  readonly reason: string | null;
}

/** A yes to an escalation, with what the planner says of its row under the present policy. */
export interface Approval extends Pick<Proposal, 'policyVersion' | 'pureGates' | 'effect' | 'budgetDraw'> {
  readonly type: 'approve-escalation';
  /** esc_ id. */
  readonly escalation: string;
  readonly reason: string;
  /** Hexadecimal leaf of the row that was assessed. */
  readonly leaf: string;
}

export interface Rejection {
  readonly type: 'reject-escalation';
  readonly escalation: string;
  readonly reason: string;
}

export interface Expiry {
  readonly type: 'expire-escalation';
  readonly escalation: string;
}

/** Everything that may change a ledger; `actor` is who asks. */
export type Command = (
  | Proposal
  | Reversal
  | KillSwitchFlip
  | PolicyChange
  | Approval
  | Rejection
  | Expiry
) & { readonly actor: string };
