import { planner } from '@magistry/contracts';
import { aProposal, bodyOf } from '../../../test/proposal.fixture.js';
import { catalogue } from './catalogue.js';

const actions = [...catalogue.values()];

test('offers the ten actions of the reference', () => {
  expect([...catalogue.keys()]).toEqual([
    'PRICE_CHANGE',
    'DISCOUNT_TEST',
    'PRICE_RESTORE',
    'BUDGET_SHIFT',
    'PRODUCT_LAUNCH',
    'PRODUCT_RETIRE',
    'LISTING_EDIT',
    'CS_REPLY',
    'DISPUTE_RESPONSE',
    'CANDIDATE_PROMOTE',
  ]);
});

test.each(actions)('$name: its parameters never hide a common field', ({ parameters }) => {
  const names = Object.keys(parameters.shape);
  expect(names.filter((name) => name in planner.proposalFields)).toEqual([]);
});

test.each(actions.filter((action) => action.reverseAction))('$name: its way back exists', (action) => {
  expect(catalogue.has(action.reverseAction ?? '')).toBe(true);
});

test.each([
  [bodyOf('PRICE_CHANGE', { sku: 's', delta_eur: 12.34 }), 'PRICE', 1_234, ''],
  [bodyOf('BUDGET_SHIFT', { subject: 'campaign:4', delta_eur: -80 }), 'BUDGET', -8_000, ''],
  [bodyOf('DISCOUNT_TEST', { sku: 's' }), 'LIFECYCLE', 'ON_DISCOUNT', 'ACTIVE'],
  [bodyOf('PRICE_RESTORE', { sku: 's' }), 'LIFECYCLE', 'ACTIVE', 'ON_DISCOUNT'],
  [bodyOf('PRODUCT_LAUNCH', { sku: 's' }), 'LIFECYCLE', 'ACTIVE', 'DRAFT'],
  [bodyOf('PRODUCT_RETIRE', { sku: 's' }), 'LIFECYCLE', 'RETIRED', 'ACTIVE'],
  [bodyOf('LISTING_EDIT', { sku: 's', title: 'Linen' }), 'LISTING', 'LISTING=9e518822500d', ''],
  [bodyOf('CS_REPLY', { subject: 'thr_1', message: 'Hello\nEmma' }), 'THREAD', 'REPLIED', 'OPEN'],
  [bodyOf('DISPUTE_RESPONSE', { subject: 'dsp_1', response: 'accept' }), 'DISPUTE', 'RESPONDED', 'OPEN'],
  [bodyOf('CANDIDATE_PROMOTE', { subject: 'cand_1' }), 'CANDIDATE', 'PROMOTED', 'OPEN'],
])('%j moves %s to %s', (body, facet, value, initialState) => {
  const { effect } = aProposal(body).consequences;
  expect({ ...effect, change: effect.change.value }).toEqual({ facet, change: value, initialState });
});

test('a discount with an end is reversed on that day', () => {
  const dated = aProposal(bodyOf('DISCOUNT_TEST', { sku: 's', ends_on: '2026-06-08' }));
  expect(dated.consequences.reversal).toBe('PRICE_RESTORE@2026-06-08');
  expect(aProposal(bodyOf('DISCOUNT_TEST', { sku: 's' })).consequences.reversal).toBeUndefined();
});

test('a price change draws its size from the price budget, a budget shift from the ads budget', () => {
  expect(aProposal().consequences.draw).toEqual({ budget: 'prices', amountMinor: 600 });
  const shift = aProposal(bodyOf('BUDGET_SHIFT', { subject: 'campaign:4', delta_eur: -80 }));
  expect(shift.consequences.draw).toEqual({ budget: 'ads', amountMinor: 8_000 });
});
