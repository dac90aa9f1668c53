import { CURRENT_API_VERSION } from '@magistry/contracts';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, genesisOf, leafOf, linkOf } from './canonical.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import { aLedger, aProposal } from './ledger-state.fixture.js';
import { parseCanonical } from './parse-canonical.js';
import { renderRow, spliceRow } from './render-row.js';

function aDecision(overrides: Partial<Decision> = {}): Decision {
  const outcome = decide(aLedger(), aProposal(), Date.parse('2026-05-25T06:14:02Z'));
  if (outcome.type !== 'recorded') throw new Error('expected a row');
  return {
    ...outcome.draft,
    workspaceId: 7,
    decisionId: 42,
    id: 'dec_01J9X2KQZP6E3XL2000000000A',
    ...overrides,
  };
}

const seed = Number(process.env['MAGISTRY_TEST_SEED'] ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);
const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const nullable = fc.option(text);

const anyDecision = fc
  .record({
    agent: text,
    action: text,
    subject: nullable,
    reason: nullable,
    parametersJson: nullable,
    evidence: fc.array(text, { maxLength: 4 }),
    judgeScoreBasisPoints: fc.option(fc.integer({ min: 0, max: 10_000 })),
    reverses: fc.option(fc.integer({ min: 1, max: 1e9 })),
    budgetMinor: fc.option(fc.integer({ min: 0, max: 1e8 })),
  })
  .map(aDecision);

test('whatever a row holds, its bytes are canonical by RFC 8785', () => {
  fc.assert(
    fc.property(anyDecision, (row) => canonicalJson(row) === canonicalize(JSON.parse(canonicalJson(row)))),
    { seed },
  );
});

test('whatever a row holds, it is read back whole from its bytes', () => {
  fc.assert(
    fc.property(anyDecision, (row) => expect(parseCanonical(canonicalJson(row))).toEqual(row)),
    { seed },
  );
});

test('whatever a row holds, reversed_by is put in at its own place', () => {
  fc.assert(
    fc.property(anyDecision, fc.option(fc.integer({ min: 1 })), (row, reversedBy) => {
      const shown = JSON.parse(spliceRow(renderRow(row, CURRENT_API_VERSION), reversedBy));
      expect(shown).toMatchObject({
        reversed_by: reversedBy,
        reason: row.reason,
        recorded_at: row.recordedAt,
      });
    }),
    { seed },
  );
});

test('a row of today has the bytes and the link it always had', () => {
  const canonical = canonicalJson(aDecision());
  expect(canonical).toMatchSnapshot();
  expect(linkOf(genesisOf(7), 1, leafOf(canonical)).toString('hex')).toMatchSnapshot();
});

test('the same content at another place has another link', () => {
  const leaf = leafOf('{}');
  expect(linkOf(genesisOf(7), 1, leaf).equals(linkOf(genesisOf(7), 2, leaf))).toBe(false);
  expect(linkOf(genesisOf(7), 1, leaf).equals(linkOf(genesisOf(8), 1, leaf))).toBe(false);
});
