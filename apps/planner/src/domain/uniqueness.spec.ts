import { aProposal, bodyOf, seedBody } from '../../test/proposal.fixture.js';
import { uniquenessDigest } from './uniqueness.js';

const digest = (body: Record<string, unknown>) =>
  Buffer.from(uniquenessDigest(aProposal(body))).toString('hex');

test.each([
  ['as a dry run', { ...seedBody, dry_run: true }],
  ['by another tier of evidence', { ...seedBody, evidence_tier: 'B' }],
  ['with further evidence', { ...seedBody, evidence: ['perf#1'] }],
  ['with its fields in another order', Object.fromEntries(Object.entries(seedBody).reverse())],
])('the same proposal %s is the same', (_, body) => expect(digest(body)).toBe(digest(seedBody)));

test.each([
  ['action', bodyOf('PRODUCT_RETIRE', { sku: seedBody.sku })],
  ['subject', { ...seedBody, sku: 'linen-blazer-stone-l' }],
  ['parameters', { ...seedBody, delta_eur: -6.01 }],
  ['evidence_ref', { ...seedBody, evidence_ref: 'perf#9123' }],
  ['store', { ...seedBody, store_id: 'stk_1' }],
])('another %s makes another proposal', (_, body) => expect(digest(body)).not.toBe(digest(seedBody)));
