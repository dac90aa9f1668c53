import type { ProblemError } from '@magistry/errors';
import type { Decision } from './decision.js';
import type { EscalationStatus } from './escalation.js';
import type { KillSwitch } from './ledger-state.js';

/** A row without its place: the writer numbers, names and chains it. */
export type DecisionDraft = Omit<Decision, 'workspaceId' | 'decisionId' | 'id'>;

export type EventType =
  | 'decision.proposed'
  | 'decision.applied'
  | 'decision.rejected'
  | 'decision.reversed'
  | 'agent.escalated'
  | 'killswitch.flipped';

export interface CounterChange {
  readonly counter: string;
  readonly period: string;
  readonly amount: number;
}

/** What a new row changes beside the log itself; committed with it. */
export interface Consequences {
  readonly counters: readonly CounterChange[];
  readonly subjectState?: { readonly subject: string; readonly facet: string; readonly state: string | null };
  readonly holdDigest?: string;
  readonly freeDigest?: string;
  /** How the escalation stands that the row opens or, with `approves`, answers. */
  readonly escalation?: { readonly status: EscalationStatus; readonly expiresAt: string };
  readonly killSwitch?: Omit<KillSwitch, 'decisionId'>;
  readonly policyJson?: string;
  readonly events: readonly EventType[];
}

export type Outcome =
  /** A new row. */
  | { readonly type: 'recorded'; readonly draft: DecisionDraft; readonly consequences: Consequences }
  /** A judgement without effect. */
  | { readonly type: 'dry-run'; readonly draft: DecisionDraft; readonly killSwitchEngaged: boolean }
  /** Already as asked for; nothing to write. */
  | { readonly type: 'unchanged' }
  /** The proposal was judged under another policy. */
  | { readonly type: 'policy-moved' }
  | { readonly type: 'refused'; readonly problem: ProblemError };

export function refused(problem: ProblemError): Outcome {
  return { type: 'refused', problem };
}
