import { formatMinor } from './amount.js';
import type { Size, Tier } from './catalogue/action.js';
import type { Rules } from './policy.js';
import type { Proposal } from './proposal.js';

/** What became of the actor's proposals in the 30 complete UTC days before today. */
export interface ActorHistory {
  readonly applied: number;
  readonly rejected: number;
  readonly escalated: number;
  /** How many of the applied ones were taken back. */
  readonly reversed: number;
}

/** One part of the score: weights add up to 10,000; score x weight / 10,000 is what it brings. */
export interface JudgeFactor {
  readonly name: string;
  readonly scoreBasisPoints: number;
  readonly weightBasisPoints: number;
  readonly explanation: string;
}

export interface Judgement {
  readonly verdict: 'PASS' | 'ESCALATE' | 'REJECT';
  /** 0 to 10,000. */
  readonly scoreBasisPoints: number;
  readonly factors: readonly JudgeFactor[];
}

interface Finding {
  readonly scoreBasisPoints: number;
  readonly explanation: string;
}

const FULL = 10_000;

const WEIGHT = { tier: 3_500, size: 2_500, reversibility: 2_000, history: 2_000 } as const;
const TIER_SCORE: Readonly<Record<Tier, number>> = { A: FULL, B: 7_500, C: 5_000 };
const IRREVERSIBLE_SCORE = 2_500;

// At the policy's own threshold a change still earns a third: there the policy, not the judge, asks a person.
const WORTHLESS_AT_THRESHOLDS = 1.5;

// A record counts fully only as it outgrows this many imagined proposals, half of them good.
const IMAGINED_PROPOSALS = 10;

/** Scores a proposal from 0 to 1 and says how each factor came about. */
export function judge(proposal: Proposal, rules: Rules, history: ActorHistory): Judgement {
  const findings = {
    tier: judgeTier(proposal.evidenceTier),
    size: judgeSize(proposal.consequences.size, rules),
    reversibility: judgeReversibility(proposal),
    history: judgeHistory(history),
  };
  const factors = (['tier', 'size', 'reversibility', 'history'] as const).map((name) => ({
    name,
    weightBasisPoints: WEIGHT[name],
    ...findings[name],
  }));
  const weighted = factors.reduce(
    (sum, { scoreBasisPoints, weightBasisPoints }) => sum + scoreBasisPoints * weightBasisPoints,
    0,
  );
  const scoreBasisPoints = Math.round(weighted / FULL);
  return { verdict: verdictOf(scoreBasisPoints, rules), scoreBasisPoints, factors };
}

function verdictOf(scoreBasisPoints: number, rules: Rules): Judgement['verdict'] {
  if (scoreBasisPoints >= rules.passFromBasisPoints) return 'PASS';
  return scoreBasisPoints >= rules.escalateFromBasisPoints ? 'ESCALATE' : 'REJECT';
}

function judgeTier(tier: Tier): Finding {
  return { scoreBasisPoints: TIER_SCORE[tier], explanation: `Evidence of tier ${tier}; A is the best.` };
}

function judgeSize(size: Size, rules: Rules): Finding {
  switch (size.against) {
    case 'price_step':
      return compare(size.amountMinor, rules.priceStepMinor, `price step`);
    case 'ads_budget':
      return compare(size.amountMinor, rules.budgetMinorPerDay.ads, 'daily ads budget');
    case 'discount':
      return {
        scoreBasisPoints: shareLeft(size.percent, rules.discountStepPercent),
        explanation: `${size.percent} % against the policy's price step of ${rules.discountStepPercent} %.`,
      };
    case 'nothing':
      return { scoreBasisPoints: size.scoreBasisPoints, explanation: size.explanation };
  }
}

function compare(amountMinor: number, thresholdMinor: number, threshold: string): Finding {
  const [amount, limit] = [formatMinor(amountMinor), formatMinor(thresholdMinor)];
  return {
    scoreBasisPoints: shareLeft(amountMinor, thresholdMinor),
    explanation: `${amount} EUR against the policy's ${threshold} of ${limit} EUR.`,
  };
}

function shareLeft(amount: number, threshold: number): number {
  if (threshold === 0) return 0;
  return Math.max(0, Math.round(FULL * (1 - amount / (threshold * WORTHLESS_AT_THRESHOLDS))));
}

function judgeReversibility({ action }: Proposal): Finding {
  if (action.reverseAction === null) {
    return { scoreBasisPoints: IRREVERSIBLE_SCORE, explanation: `${action.name} cannot be undone.` };
  }
  return { scoreBasisPoints: FULL, explanation: `${action.reverseAction} undoes it.` };
}

// An escalation is half a success; a proposal taken back is none.
function judgeHistory({ applied, rejected, escalated, reversed }: ActorHistory): Finding {
  const total = applied + rejected + escalated;
  const good = Math.max(0, applied - reversed) + escalated / 2;
  const share = (good + IMAGINED_PROPOSALS / 2) / (total + IMAGINED_PROPOSALS);
  return {
    scoreBasisPoints: Math.min(FULL, Math.round(FULL * share)),
    explanation:
      total === 0
        ? 'No proposals in the last 30 days; neither for nor against.'
        : `${total} proposals in the last 30 days: ${applied} applied (${reversed} of them reversed), ` +
          `${escalated} escalated, ${rejected} rejected.`,
  };
}
