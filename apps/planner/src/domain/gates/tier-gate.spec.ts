import { aProposal, bodyOf, seedBody } from '../../../test/proposal.fixture.js';
import { tierGate } from './tier-gate.js';

const judged = (body: Record<string, unknown>) => {
  const { gate, passed, code } = tierGate(aProposal(body));
  return [gate, passed, code];
};

test.each(['A', 'B'])('tier %s is enough for a price change', (tier) => {
  expect(judged({ ...seedBody, evidence_tier: tier })).toEqual([`tier_${tier}`, true, '']);
});

test('tier C is too low for a price change and the message says what is needed', () => {
  const verdict = tierGate(aProposal({ ...seedBody, evidence_tier: 'C' }));
  expect(verdict).toEqual({
    gate: 'tier_C',
    passed: false,
    code: 'tier_too_low',
    message: 'PRICE_CHANGE needs evidence of tier B or better; this is C.',
  });
});

test('tier B is too low for the one answer a dispute takes', () => {
  const body = bodyOf('DISPUTE_RESPONSE', { subject: 'dsp_1', response: 'contest', evidence_tier: 'B' });
  expect(judged(body)).toEqual(['tier_B', false, 'tier_too_low']);
});

test.each(['perf#9123', 'rsx://signals/2026-05-25/44912', 'https://shop.example/report?id=7'])(
  '%s is well-formed evidence',
  (evidence_ref) => expect(judged({ ...seedBody, evidence_ref })).toEqual(['tier_A', true, '']),
);

test.each(['trust me', '9123', '#9123', 'perf#', 'rsx://', '://x', 'rsx://a b', `${'a'.repeat(400)}:/`])(
  '%s is malformed evidence',
  (evidence_ref) =>
    expect(judged({ ...seedBody, evidence_ref })).toEqual(['tier_A', false, 'evidence_malformed']),
);

test('evidence is needed, and each further piece must point somewhere too', () => {
  const { evidence_ref: _none, ...body } = seedBody;
  expect(judged({ ...body, evidence: ['perf#1'] })).toEqual(['tier_A', false, 'evidence_malformed']);
  expect(judged({ ...seedBody, evidence: ['hearsay'] })).toEqual(['tier_A', false, 'evidence_malformed']);
});
