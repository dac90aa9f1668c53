import { nextMove, progressOf, Retelling } from './progress.js';
import type { RunEvent } from './run-event.js';

const usage = { promptTokens: 3, completionTokens: 2 };
const call = { id: 'call_1_1', tool: 'salary_band', input: { role: 'Engineer' } };
const LOG: RunEvent[] = [
  { kind: 'started' },
  { kind: 'model-called', call: 1 },
  { kind: 'model-answered', call: 1, text: '', toolCalls: [call], usage, costMicros: 11 },
  { kind: 'tool-called', ...call },
  { kind: 'tool-answered', id: call.id, tool: call.tool, output: { level: 'senior' } },
  { kind: 'model-called', call: 2 },
  { kind: 'text', call: 2, delta: 'Done' },
  { kind: 'model-answered', call: 2, text: 'Done.', toolCalls: [], usage, costMicros: 11 },
];

test.each([
  [1, { kind: 'ask-model', call: 1 }],
  [2, { kind: 'ask-model', call: 1 }],
  [3, { kind: 'use-tools', calls: [call] }],
  [4, { kind: 'use-tools', calls: [call] }],
  [5, { kind: 'ask-model', call: 2 }],
  [7, { kind: 'ask-model', call: 2 }],
  [8, { kind: 'finish', text: 'Done.' }],
])('behind %i entries of the log the next move is the one that is open', (count, move) => {
  expect(nextMove(progressOf(LOG.slice(0, count)))).toEqual(move);
});

test('what an unanswered call was heard to say is known, and forgotten once it has answered', () => {
  expect(progressOf(LOG.slice(0, 7)).openText).toBe('Done');
  expect(progressOf(LOG).openText).toBe('');
});

test('a tool that began without a result is known to have begun', () => {
  expect([...progressOf(LOG.slice(0, 4)).begunCalls]).toEqual([call.id]);
});

test('a result that was kept and not told yet is known, and its call is still to be told', () => {
  const kept: RunEvent = { kind: 'tool-finished', id: call.id, tool: call.tool, output: { level: 'senior' } };
  const progress = progressOf([...LOG.slice(0, 4), kept]);
  expect(progress.keptResults).toEqual(new Map([[call.id, { output: { level: 'senior' } }]]));
  expect(nextMove(progress)).toEqual({ kind: 'use-tools', calls: [call] });
});

test('usage adds up over the calls that answered', () => {
  expect(progressOf(LOG).usage).toEqual({ promptTokens: 6, completionTokens: 4 });
});

test.each([
  ['the same words in other pieces', 'Hello, wor', ['Hel', 'lo, world', '!'], 'ld!'],
  ['nothing heard before', '', ['Hello'], 'Hello'],
  ['a shorter text', 'Hello there', ['Hello'], ''],
  ['another text', 'Hello', ['Good day'], '\n\nGood day'],
  ['a text that goes another way half-way', 'Hello you', ['Hello ', 'world'], '\n\nHello world'],
])('of a text that is told again, %s is told as it should', (_, heard, deltas, told) => {
  const retelling = new Retelling(heard);
  expect(deltas.map((delta) => retelling.next(delta)).join('')).toBe(told);
});

const memory = { throughTurn: 9, summary: 'They met.', facts: [] };
test.each([
  ['was folded', { kind: 'summarised', call: 1, memory, usage, costMicros: 11 } as const, 3],
  ['could not be folded', { kind: 'summary-failed', call: 1, message: 'no model' } as const, 0],
])(
  'behind a session that %s the model is asked by the next number, and nothing is folded again',
  (_, event, tokens) => {
    const progress = progressOf([{ kind: 'started' }, { kind: 'model-called', call: 1 }, event]);
    expect(nextMove(progress)).toEqual({ kind: 'ask-model', call: 2 });
    expect(progress).toMatchObject({ isMemoryKept: true, usage: { promptTokens: tokens } });
  },
);
