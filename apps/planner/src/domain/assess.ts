import { formatMinor } from './amount.js';
import type { Budget } from './catalogue/action.js';
import { tierGate } from './gates/tier-gate.js';
import { trademarkGate } from './gates/trademark-gate.js';
import { failed, type GateVerdict } from './gates/verdict.js';
import { type ActorHistory, type Judgement, judge } from './judge.js';
import type { Rules } from './policy.js';
import type { Proposal } from './proposal.js';

/** What the planner can say of a proposal without the ledger; the ledger's writer gives the outcome. */
export interface Assessment {
  /** tier_<X>, then trademark; both are always judged. */
  readonly gates: readonly GateVerdict[];
  readonly judgement: Judgement;
  /** Thresholds of the policy that ask for a person whatever the judge says. */
  readonly escalations: readonly GateVerdict[];
  readonly draw?: LimitedDraw;
}

export interface LimitedDraw {
  readonly budget: Budget;
  readonly amountMinor: number;
  readonly limitMinorPerDay: number;
}

export function assess(proposal: Proposal, rules: Rules, history: ActorHistory): Assessment {
  const draw = drawOf(proposal, rules);
  return {
    gates: pureGates(proposal, rules),
    judgement: judge(proposal, rules, history),
    escalations: escalationsOf(proposal, rules),
    ...(draw && { draw }),
  };
}

/** What can be said of a proposal whoever judged it: run again when a person approves. */
export function pureGates(proposal: Proposal, rules: Rules): GateVerdict[] {
  return [tierGate(proposal), trademarkGate(proposal, rules.protectedMarks)];
}

/** The budget it draws on, with the policy's limit. */
export function drawOf({ consequences: { draw } }: Proposal, rules: Rules): LimitedDraw | undefined {
  return draw && { ...draw, limitMinorPerDay: rules.budgetMinorPerDay[draw.budget] };
}

function escalationsOf({ consequences: { size } }: Proposal, rules: Rules): GateVerdict[] {
  if (size.against !== 'price_step' || size.amountMinor <= rules.priceStepMinor) return [];
  const [amount, step] = [formatMinor(size.amountMinor), formatMinor(rules.priceStepMinor)];
  return [
    failed(
      'policy',
      'price_step_exceeded',
      `A price step of ${amount} EUR is over the policy's ${step} EUR and needs a person's approval.`,
    ),
  ];
}
