import { memoryText, NO_MEMORY, remembered } from '../../domain/session-memory.js';
import { foldedMemory, foldOf, SUMMARY_INSTRUCTIONS } from '../../domain/summary.js';
import { chatRequest } from './chat-wire.js';
import { factsTold } from './memory.js';
import { replyTo } from './rules.js';

const reply = (...messages: object[]) => replyTo(chatRequest.parse({ model: 'rules', messages })).text;
const user = (content: string) => ({ role: 'user', content });
const memory = remembered(NO_MEMORY, 3, {
  summary: '1: "Hello"',
  facts: [
    { name: 'name', value: 'Ada', turn: 1 },
    { name: 'favourite colour', value: 'blue', turn: 2 },
  ],
});
const told = user(memoryText(memory, 1_000) ?? '');

test.each([
  ['what the memory has', [told], 'What is my name?', 'Your name is Ada.'],
  ['any fact of it', [told], "What's my favourite colour?", 'Your favourite colour is blue.'],
  ['what was said since rather', [told, user('Call me Grace.')], 'Who am I?', 'Your name is Grace.'],
  ['that nobody told it', [told], 'What is my budget?', 'You have not told me your budget yet.'],
])('it tells %s', (_, messages, question, text) => {
  expect(reply(...messages, user(question))).toBe(text);
});

test('it folds turns into a summary and the facts that were told, the same each time', () => {
  const said = [
    'My name is Ada Lovelace.',
    'I prefer long answers. My budget is 500 EUR.',
    'What does linen-blazer-stone-m cost?',
  ];
  const turns = said.map((content, index) => ({ turn: index + 4, content, answer: 'Good.' }));
  const fold = foldOf(memory, turns, 10_000);
  if (fold?.request.role !== 'user') throw new Error('nothing was folded');
  const asked = [{ role: 'system', content: SUMMARY_INSTRUCTIONS }, user(fold.request.text)];
  const text = reply(...asked);
  expect(reply(...asked)).toBe(text);
  expect(foldedMemory(memory, fold, text)).toEqual({
    throughTurn: 6,
    summary: ['1: "Hello"', ...said.map((content, index) => `${index + 4}: "${content}"`)].join('\n'),
    facts: [
      { name: 'favourite colour', value: 'blue', turn: 2 },
      { name: 'name', value: 'Ada', turn: 4 },
      { name: 'budget', value: '500 EUR', turn: 5 },
      { name: 'preference', value: 'long answers', turn: 5 },
      { name: 'sku', value: 'linen-blazer-stone-m', turn: 6 },
    ],
  });
});

test('each fact of a sentence is told apart', () => {
  expect([...factsTold('My name is Ada, and my budget is 500 EUR.')]).toEqual([
    ['name', 'Ada'],
    ['budget', '500 EUR'],
  ]);
});
