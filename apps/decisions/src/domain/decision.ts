import type { DecisionStatus } from '@magistry/contracts';

/** A gate's verdict with its machine-readable reason; code and message are empty when it passed. */
export interface GateVerdict {
  readonly gate: string;
  readonly passed: boolean;
  readonly code: string;
  readonly message: string;
}

export interface JudgeFactor {
  readonly name: string;
  readonly scoreBasisPoints: number;
  readonly weightBasisPoints: number;
  readonly explanation: string;
}

export type DecisionKind =
  | 'PROPOSAL'
  | 'REVERSAL'
  | 'KILL_SWITCH'
  | 'POLICY'
  | 'APPROVAL'
  | 'REJECTION'
  | 'EXPIRY';

/** One immutable row of a workspace's ledger, with all that its canonical bytes cover. Money is in minor units. */
export interface Decision {
  readonly workspaceId: number;
  /** Dense place in the workspace's ledger, from 1. */
  readonly decisionId: number;
  readonly id: string;
  readonly kind: DecisionKind;
  readonly agent: string;
  readonly action: string;
  readonly subject: string | null;
  readonly facet: string | null;
  readonly fromState: string | null;
  readonly toState: string | null;
  readonly status: DecisionStatus;
  readonly judge: string | null;
  readonly judgeScoreBasisPoints: number | null;
  readonly judgeFactors: readonly JudgeFactor[];
  readonly tier: string | null;
  readonly evidence: readonly string[];
  readonly gates: readonly GateVerdict[];
  /** Reasons that no gate gives: the judge's and the policy's. */
  readonly concerns: readonly GateVerdict[];
  /** Canonical JSON of the action's parameters. */
  readonly parametersJson: string | null;
  /** Dated reversal, such as PRICE_RESTORE@2026-06-08. */
  readonly reversal: string | null;
  readonly reversible: boolean;
  readonly storeId: string | null;
  readonly cycle: string | null;
  readonly reason: string | null;
  readonly reverses: number | null;
  /** The ESCALATED row that this one answers. */
  readonly approves: number | null;
  readonly policyVersion: number;
  readonly budget: string | null;
  readonly budgetMinor: number | null;
  /** Hexadecimal digest that equal proposals share. */
  readonly uniquenessDigest: string | null;
  readonly appliedAt: string | null;
  readonly appliedBy: string | null;
  /** ISO 8601 UTC, whole seconds; never before that of the row before it. */
  readonly recordedAt: string;
}

/** What decide knows of a row that somebody wants to reverse. */
export interface ReversalTarget {
  readonly decisionId: number;
  readonly agent: string;
  readonly action: string;
  readonly kind: DecisionKind;
  readonly subject: string | null;
  readonly facet: string | null;
  readonly fromState: string | null;
  readonly toState: string | null;
  readonly status: DecisionStatus;
  readonly tier: string | null;
  readonly storeId: string | null;
  readonly reversible: boolean;
  readonly budget: string | null;
  readonly budgetMinor: number | null;
  readonly uniquenessDigest: string | null;
  readonly recordedAt: string;
  readonly reversedBy: number | null;
}
