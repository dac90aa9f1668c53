import fc from 'fast-check';
import { messageTokens } from './context-window.js';
import { NO_MEMORY, remembered } from './session-memory.js';
import { firstKeptTurn, foldedMemory, foldOf } from './summary.js';

const turnsOf = (count: number, content = 'Hello there.') =>
  Array.from({ length: count }, (_, index) => ({ turn: index + 1, content, answer: 'Good day.' }));

test.each([
  ['few turns stay', turnsOf(3), 1_000, undefined],
  ['as many as may be shown stay', turnsOf(40), 100_000, undefined],
  ['of one too many the newer half stays', turnsOf(41), 100_000, 22],
  ['of too long ones those stay that take half of the room', turnsOf(10, 'word '.repeat(100)), 1_000, 7],
  ['what was said last stays, if it can be shown', turnsOf(3, 'word '.repeat(800)), 1_000, 3],
  ['a last one that is too long by itself is folded, too', turnsOf(3, 'word '.repeat(2_000)), 1_000, 4],
])('%s', (_, turns, tokensMax, first) => {
  expect(firstKeptTurn(turns, tokensMax)).toBe(first);
});

test('whatever was said, a fold has the oldest turn, no gap, and fits where the memory is asked for', () => {
  const said = fc.array(fc.string({ maxLength: 9_000 }), { minLength: 1, maxLength: 30 });
  const property = fc.property(said, fc.integer({ min: 1_000, max: 20_000 }), (contents, tokensMax) => {
    const turns = contents.map((content, index) => ({ turn: index + 1, content, answer: content }));
    const fold = foldOf(NO_MEMORY, turns, tokensMax);
    if (!fold) throw new Error('nothing was folded');
    const [message] = [fold.request];
    expect(messageTokens(message)).toBeLessThanOrEqual(tokensMax);
    const { turns: folded } = JSON.parse(message.role === 'user' ? message.text : '');
    expect(folded.map(({ turn }: { turn: number }) => turn)).toEqual(
      turns.slice(0, fold.throughTurn).map(({ turn }) => turn),
    );
  });
  fc.assert(property, { numRuns: 100 });
});

const before = remembered(NO_MEMORY, 4, {
  summary: 'They met.',
  facts: [
    { name: 'Name', value: 'Ada', turn: 1 },
    { name: 'sku', value: 'linen-1', turn: 2 },
  ],
});
const fold = { throughTurn: 9, request: { role: 'user', text: '' } } as const;

test('a new fact replaces the older one of its name, an empty one removes it, the others stay', () => {
  const facts = [
    { name: 'SKU', value: 'silk-2', turn: 7 },
    { name: 'name', value: '', turn: 8 },
    { name: 'city', value: 'Graz\u0000', turn: 700 },
  ];
  expect(foldedMemory(before, fold, JSON.stringify({ summary: 'They went on.', facts }))).toEqual({
    throughTurn: 9,
    summary: 'They went on.',
    facts: [
      { name: 'sku', value: 'silk-2', turn: 7 },
      { name: 'city', value: 'Graz\ufffd', turn: 9 },
    ],
  });
});

test.each([
  ['prose is the summary', 'They spoke of linen.', 'They spoke of linen.'],
  ['an empty summary leaves the older one', '{"summary":"","facts":[]}', 'They met.'],
  ['JSON in a fence is read', '```json\n{"summary":"Linen.","facts":[]}\n```', 'Linen.'],
  ['JSON of another kind is kept as it is', '{"notes":[]}', '{"notes":[]}'],
])('of what a model answers %s', (_, text, summary) => {
  expect(foldedMemory(before, fold, text)).toEqual({ ...before, throughTurn: 9, summary });
});

test('a memory stays small however much is told', () => {
  let memory = NO_MEMORY;
  for (let turn = 1; turn <= 300; turn += 1) {
    const facts = [{ name: `fact ${turn}`.repeat(30), value: 'x'.repeat(5_000), turn }];
    memory = remembered(memory, turn, { summary: 'word '.repeat(9_000), facts });
  }
  expect(JSON.stringify(memory).length).toBeLessThan(50_000);
  expect(memory.facts.at(-1)).toMatchObject({ turn: 300 });
});
