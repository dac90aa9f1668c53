import fc from 'fast-check';
import { readAttribution, readReversal, writeAttribution, writeReversal } from './decision-texts.js';

const seed = Number(process.env['MAGISTRY_TEST_SEED'] ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

test.each([
  ['catalog_agent.discount_executor', 'catalog', 'discount_executor'],
  ['partner:research-tool.planner', 'partner:research-tool', 'planner'],
  ['key:12.planner', 'key:12', 'planner'],
  ['key:12', 'key:12', null],
  ['partner:a_agent.b', 'partner:a_agent', 'b'],
  ['catalog.discount_executor', 'catalog.discount_executor', null],
  ['_agent.x', '_agent.x', null],
  ['catalog_agent.', 'catalog_agent.', null],
  ['', '', null],
])('%j is agent %j with executor %j', (text, agent, executor) => {
  expect(readAttribution(text)).toEqual({ agent, executor });
  expect(writeAttribution({ agent, executor })).toBe(text);
});

test.each([
  ['PRICE_RESTORE@2026-06-08', 'PRICE_RESTORE', '2026-06-08'],
  ['A@B@2026-06-08', 'A@B', '2026-06-08'],
  ['PRICE_RESTORE', 'PRICE_RESTORE', null],
  ['@2026-06-08', '@2026-06-08', null],
  ['PRICE_RESTORE@soon', 'PRICE_RESTORE@soon', null],
])('%j is action %j due on %j', (text, action, due_on) => {
  expect(readReversal(text)).toEqual({ action, due_on });
  expect(writeReversal({ action, due_on })).toBe(text);
});

// Pieces that the readers look for, in any order, find the edges that random text never meets.
const piece = fc.oneof(fc.constantFrom('_agent', '.', ':', '@', '2026-06-08', '\n', 'catalog'), fc.string());
const anyText = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

test('whatever the ledger says comes back word for word', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(writeAttribution(readAttribution(text))).toBe(text);
      expect(writeReversal(readReversal(text))).toBe(text);
    }),
    { seed, numRuns: 1_000 },
  );
});
