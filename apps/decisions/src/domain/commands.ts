import type { GateVerdict, JudgeFactor } from './decision.js';
import type { Effect } from './subject-state.js';

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
  readonly budgetDraw: {
    readonly budget: string;
    readonly amountMinor: number;
    readonly limitMinorPerDay: number;
  } | null;
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

/** Everything that may change a ledger; `actor` is who asks. */
export type Command = (Proposal | Reversal | KillSwitchFlip | PolicyChange) & { readonly actor: string };
