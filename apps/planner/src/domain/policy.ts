import { type planner, toMinor } from '@magistry/contracts';
import type { Budget } from './catalogue/action.js';
import { indexMarks, type MarkIndex } from './gates/marks.js';

/** A workspace's policy in the units that judging needs, made once per policy version. */
export interface Rules {
  readonly version: number;
  readonly velocityPerMinute: number;
  readonly budgetMinorPerDay: Readonly<Record<Budget, number>>;
  readonly priceStepMinor: number;
  readonly discountStepPercent: number;
  readonly passFromBasisPoints: number;
  readonly escalateFromBasisPoints: number;
  readonly protectedMarks: MarkIndex;
}

export function rulesOf(version: number, policy: planner.Policy): Rules {
  return {
    version,
    velocityPerMinute: policy.velocity_per_minute,
    budgetMinorPerDay: {
      prices: toMinor(policy.price_budget_eur_per_day),
      ads: toMinor(policy.ads_budget_eur_per_day),
    },
    priceStepMinor: toMinor(policy.price_step_eur),
    discountStepPercent: policy.price_step_percent,
    passFromBasisPoints: Math.round(policy.judge_pass_from * 10_000),
    escalateFromBasisPoints: Math.round(policy.judge_escalate_from * 10_000),
    protectedMarks: indexMarks(policy.protected_marks),
  };
}
