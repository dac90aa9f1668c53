import { aProposal, bodyOf, noHistory, seedBody, someRules } from '../../test/proposal.fixture.js';
import { assess } from './assess.js';

test('seed 001: both gates pass, nothing escalates, the budget is told', () => {
  const assessment = assess(aProposal(), someRules(), noHistory);
  expect(assessment.gates.map(({ gate, passed }) => [gate, passed])).toEqual([
    ['tier_A', true],
    ['trademark', true],
  ]);
  expect(assessment.escalations).toEqual([]);
  expect(assessment.draw).toEqual({ budget: 'prices', amountMinor: 600, limitMinorPerDay: 500_000 });
});

test('both gates are judged though the first fails', () => {
  const { gates } = assess(
    aProposal({ ...seedBody, sku: 'nike-tee', evidence_tier: 'C' }),
    someRules(),
    noHistory,
  );
  expect(gates.map(({ code }) => code)).toEqual(['tier_too_low', 'trademark_protected']);
});

test.each([50, -50])('a price step of %d is within the policy', (delta_eur) => {
  expect(assess(aProposal({ ...seedBody, delta_eur }), someRules(), noHistory).escalations).toEqual([]);
});

test.each([50.01, -50.01])('a price step of %d asks for a person', (delta_eur) => {
  expect(assess(aProposal({ ...seedBody, delta_eur }), someRules(), noHistory).escalations).toEqual([
    {
      gate: 'policy',
      passed: false,
      code: 'price_step_exceeded',
      message: "A price step of 50.01 EUR is over the policy's 50.00 EUR and needs a person's approval.",
    },
  ]);
});

test('an action that moves no budget draws on none', () => {
  const launch = aProposal(bodyOf('PRODUCT_LAUNCH', { sku: 's' }));
  expect(assess(launch, someRules(), noHistory).draw).toBeUndefined();
});
