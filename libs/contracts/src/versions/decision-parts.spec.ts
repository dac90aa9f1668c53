import fc from 'fast-check';
import { decisionRow, decisionStatus, judgeVerdict } from '../decision-row.js';
import { readAttribution, readReversal } from '../decision-texts.js';
import { decisionDown, decisionRowOfTexts, decisionUp } from './decision-parts.js';

const seed = Number(process.env['MAGISTRY_TEST_SEED'] ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const nullable = fc.option(text);
const number = fc.integer({ min: 1 });
const anyGate = fc.record({
  gate: text.filter((name) => name !== 'judge'),
  verdict: fc.constantFrom<'PASS' | 'FAIL'>('PASS', 'FAIL'),
  code: nullable,
  message: nullable,
});
const name = fc.oneof(text, fc.constantFrom('catalog_agent.discount_executor', 'partner:p.planner', 'key:3'));
const dated = fc.oneof(text, fc.constant('PRICE_RESTORE@2026-06-08'));
const CODES = { PASS: null, ESCALATE: 'judge_escalates', REJECT: 'judge_rejects' } as const;

// As the ledger records it: a judge that did not let a proposal pass says so among the gates.
const anyRow = fc
  .record({
    id: text,
    agent: text,
    action: text,
    subject: nullable,
    from_state: nullable,
    to_state: nullable,
    judge: fc.option(
      fc.record({
        score: fc.integer({ min: 0, max: 10_000 }).map((points) => points / 10_000),
        verdict: fc.constantFrom(...judgeVerdict.options),
      }),
    ),
    tier: nullable,
    evidence: fc.array(text),
    reversal: fc.option(dated.map(readReversal)),
    applied_at: nullable,
    applied_by: fc.option(name.map(readAttribution)),
    decision_id: number,
    status: fc.constantFrom(...decisionStatus.options),
    store_id: nullable,
    cycle: nullable,
    gates: fc.array(anyGate, { maxLength: 3 }),
    reason: nullable,
    reverses: fc.option(number),
    approves: fc.option(number),
    reversed_by: fc.option(number),
    recorded_at: text,
  })
  .map((row) => {
    const code = row.judge && CODES[row.judge.verdict];
    const objection = { gate: 'judge', verdict: 'FAIL' as const, code, message: 'The score is too low.' };
    return { ...row, gates: code ? [...row.gates, objection] : row.gates };
  });

test('whatever a row holds, its older form fits the older schema and leads back to it', () => {
  fc.assert(
    fc.property(anyRow, (row) => {
      decisionRow.strict().parse(row);
      const older = decisionDown(row);
      decisionRowOfTexts.strict().parse(older);
      expect(decisionUp(older)).toEqual(row);
      expect(Object.keys(decisionUp(older))).toEqual(Object.keys(row));
    }),
    { seed },
  );
});

test('a member that joins later is passed on in both directions', () => {
  const [row] = fc.sample(anyRow, { numRuns: 1, seed });
  const later = { ...row, escalation: 'esc_1' } as typeof row & object;
  expect(decisionDown(later)).toMatchObject({ escalation: 'esc_1' });
  expect(decisionUp(decisionDown(later))).toEqual(later);
});
