import { aProposal, bodyOf, seedBody } from '../../test/proposal.fixture.js';
import { canonicalJson } from './digest.js';
import { type EscalatedProposal, readEscalatedProposal } from './escalated-proposal.js';
import type { Proposal } from './proposal.js';

/** As the ledger keeps a proposal. */
function rowOf(proposal: Proposal): EscalatedProposal {
  return {
    action: proposal.action.name,
    subject: proposal.subject,
    storeId: proposal.storeId ?? '',
    evidenceTier: proposal.evidenceTier,
    evidence: proposal.evidence,
    parametersJson: canonicalJson(proposal.parameters),
  };
}

test.each([
  ['a price', seedBody],
  ['a variant in a store, on more evidence', variantInStore()],
  ['a dated discount', bodyOf('DISCOUNT_TEST', { sku: 's', ends_on: '2026-06-08' })],
  ['a restored price', bodyOf('PRICE_RESTORE', { sku: 's' })],
  ['an ads budget', bodyOf('BUDGET_SHIFT', { subject: 'campaign:4', delta_eur: -80 })],
  ['a launch', bodyOf('PRODUCT_LAUNCH', { sku: 's', title: 'Linen Blazer' })],
  ['a listing', bodyOf('LISTING_EDIT', { sku: 's', title: 'Linen' })],
  ['a reply of two lines', bodyOf('CS_REPLY', { subject: 'thr_1', message: 'Hello\nEmma' })],
  ['a dispute', bodyOf('DISPUTE_RESPONSE', { subject: 'dsp_1', response: 'accept' })],
  ['a candidate', bodyOf('CANDIDATE_PROMOTE', { subject: 'cand_1' })],
])('%s is read back from its row as it was proposed', (_, body) => {
  const proposal = aProposal(body);
  expect(readEscalatedProposal(rowOf(proposal))).toEqual({ proposal });
});

test('what the catalogue does not know any more has faults', () => {
  const row = rowOf(aProposal());
  for (const change of [{ action: 'PRICE_HALVE' }, { parametersJson: '{"delta_percent":5}' }]) {
    expect(readEscalatedProposal({ ...row, ...change })).toHaveProperty('faults');
  }
});

function variantInStore() {
  const { sku: _, ...rest } = seedBody;
  return { ...rest, variant_id: '4711', store_id: 'stk_1', evidence: ['perf#9123', 'perf#9124'] };
}
