import { aProposal, bodyOf, noHistory, seedBody, someRules } from '../../test/proposal.fixture.js';
import { judge } from './judge.js';

const score = (body: Record<string, unknown>, history = noHistory) =>
  judge(aProposal(body), someRules(), history).scoreBasisPoints;

test('seed 001 passes with 0.88 and says why', () => {
  const judgement = judge(aProposal(), someRules(), noHistory);
  expect(judgement).toEqual({
    verdict: 'PASS',
    scoreBasisPoints: 8_800,
    factors: [
      {
        name: 'tier',
        scoreBasisPoints: 10_000,
        weightBasisPoints: 3_500,
        explanation: 'Evidence of tier A; A is the best.',
      },
      {
        name: 'size',
        scoreBasisPoints: 9_200,
        weightBasisPoints: 2_500,
        explanation: "6.00 EUR against the policy's price step of 50.00 EUR.",
      },
      {
        name: 'reversibility',
        scoreBasisPoints: 10_000,
        weightBasisPoints: 2_000,
        explanation: 'PRICE_CHANGE undoes it.',
      },
      {
        name: 'history',
        scoreBasisPoints: 5_000,
        weightBasisPoints: 2_000,
        explanation: 'No proposals in the last 30 days; neither for nor against.',
      },
    ],
  });
});

test('the weights add up to the whole and the score to its parts', () => {
  const { factors, scoreBasisPoints } = judge(aProposal(), someRules(), noHistory);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  expect(sum(factors.map((factor) => factor.weightBasisPoints))).toBe(10_000);
  expect(sum(factors.map((factor) => factor.scoreBasisPoints * factor.weightBasisPoints))).toBe(
    scoreBasisPoints * 10_000,
  );
});

test('a smaller change, better evidence and a way back score higher', () => {
  expect(score({ ...seedBody, delta_eur: 5 })).toBeGreaterThan(score({ ...seedBody, delta_eur: -45 }));
  expect(score(seedBody)).toBeGreaterThan(score({ ...seedBody, evidence_tier: 'B' }));
  const edit = bodyOf('LISTING_EDIT', { sku: 's', title: 'Linen' });
  expect(score(edit)).toBeGreaterThan(score(bodyOf('CS_REPLY', { subject: 'thr_1', message: 'Hi' })));
});

test('a good record raises the score, refusals and reversals lower it', () => {
  const applied = score(seedBody, { ...noHistory, applied: 100 });
  const takenBack = score(seedBody, { ...noHistory, applied: 100, reversed: 100 });
  const rejected = score(seedBody, { ...noHistory, rejected: 100 });
  expect(applied).toBeGreaterThan(score(seedBody));
  expect(takenBack).toBeLessThan(score(seedBody));
  expect(rejected).toBe(takenBack);
});

test('a record never counts for more than its weight', () => {
  expect(score(seedBody, { ...noHistory, applied: 1_000_000 })).toBe(9_800);
  expect(score(seedBody, { ...noHistory, applied: 1, reversed: 9 })).toBeGreaterThanOrEqual(7_800);
});

test.each([
  [0.88, 0.45, 'PASS'],
  [0.9, 0.88, 'ESCALATE'],
  [0.95, 0.9, 'REJECT'],
])('from %d passes, from %d escalates: 0.88 is %s', (pass, escalate, verdict) => {
  const rules = someRules({ judge_pass_from: pass, judge_escalate_from: escalate });
  expect(judge(aProposal(), rules, noHistory).verdict).toBe(verdict);
});

test('a step of nothing allowed makes every price change worthless in size, not an error', () => {
  const { factors } = judge(aProposal(), someRules({ price_step_eur: 0 }), noHistory);
  expect(factors[1]?.scoreBasisPoints).toBe(0);
});

test('a deep discount asks for a person', () => {
  const discount = bodyOf('DISCOUNT_TEST', { sku: 's', discount_percent: 60 });
  expect(judge(aProposal(discount), someRules(), noHistory).verdict).toBe('ESCALATE');
});
