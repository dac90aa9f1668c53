import { aProposal, bodyOf, read, seedBody } from '../../test/proposal.fixture.js';

const faultsOf = (body: Record<string, unknown>) => {
  const result = read(body);
  return 'faults' in result ? result.faults.map(({ path, code }) => [path, code]) : [];
};

test('reads seed 001', () => {
  expect(aProposal()).toMatchObject({
    subject: 'linen-blazer-stone-m',
    parameters: { delta_eur: -6 },
    evidenceTier: 'A',
    evidence: ['rsx://signals/2026-05-25/44912'],
    isDryRun: false,
  });
});

test('puts evidence_ref before the further evidence', () => {
  const proposal = aProposal({ ...seedBody, evidence: ['perf#9123', 'cycle#771'] });
  expect(proposal.evidence).toEqual(['rsx://signals/2026-05-25/44912', 'perf#9123', 'cycle#771']);
});

test.each(['sku', 'variant_id', 'subject'])('takes a product named by %s', (field) => {
  expect(aProposal(bodyOf('PRODUCT_RETIRE', { [field]: 'linen-throw' })).subject).toBe('linen-throw');
});

test.each([
  ['an unknown action', bodyOf('PRICE_DOUBLE', { sku: 's' }), [['action', 'invalid_value']]],
  ['an action named like a method', bodyOf('constructor', { sku: 's' }), [['action', 'invalid_value']]],
  ['no subject', bodyOf('PRODUCT_RETIRE', {}), [['sku', 'missing']]],
  ['two subjects', { ...seedBody, variant_id: 'v' }, [['variant_id', 'ambiguous']]],
  ['a reply about a sku', bodyOf('CS_REPLY', { sku: 's', message: 'Hi' }), [['sku', 'unknown_field']]],
  ['no parameter', bodyOf('PRICE_CHANGE', { sku: 's' }), [['delta_eur', 'invalid_type']]],
  ['a parameter as text', { ...seedBody, delta_eur: '-6' }, [['delta_eur', 'invalid_type']]],
  ['three decimals', { ...seedBody, delta_eur: -6.005 }, [['delta_eur', 'custom']]],
  ['a change of nothing', { ...seedBody, delta_eur: 0 }, [['delta_eur', 'custom']]],
  ['a huge change', { ...seedBody, delta_eur: 1e300 }, [['delta_eur', 'too_big']]],
  ['an unknown field', { ...seedBody, colour: 'stone' }, [['colour', 'unknown_field']]],
  ["another action's parameter", { ...seedBody, title: 'Linen' }, [['title', 'unknown_field']]],
  ['an edit of nothing', bodyOf('LISTING_EDIT', { sku: 's' }), [['title', 'custom']]],
  ['a NUL', bodyOf('LISTING_EDIT', { sku: 's', description: 'a\u0000' }), [['description', 'custom']]],
  [
    'no such day',
    bodyOf('DISCOUNT_TEST', { sku: 's', ends_on: '2026-02-30' }),
    [['ends_on', 'invalid_format']],
  ],
])('names the fault: %s', (_, body, faults) => expect(faultsOf(body)).toEqual(faults));

test('names every fault at once', () => {
  expect(faultsOf(bodyOf('PRICE_CHANGE', { delta_eur: 'x', colour: 1 }))).toEqual([
    ['sku', 'missing'],
    ['delta_eur', 'invalid_type'],
    ['colour', 'unknown_field'],
  ]);
});

test('a body with a name that zod would drop is refused by the contract', () => {
  expect(() => read(JSON.parse('{"action":"PRICE_CHANGE","__proto__":{"dry_run":true}}'))).toThrow(
    '__proto__',
  );
});
