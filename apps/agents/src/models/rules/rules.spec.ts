import { type ChatMessage, chatRequest } from './chat-wire.js';
import { replyTo } from './rules.js';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const replies = (messages: ChatMessage[], tools: object[] = []) =>
  replyTo(chatRequest.parse({ model: 'rules', messages, tools }));

test.each([
  ['greets', [user('Hello!')], 'Hello! How can I help you today?'],
  [
    'knows the name that the session has told',
    [user('My name is Ada.'), assistant('Hi'), user("What's my name?")],
    'Your name is Ada.',
  ],
  [
    'knows the newest name',
    [user('My name is Ada'), user('call me Grace'), user('what is my name?')],
    'Your name is Grace.',
  ],
  ['says that it was told no name', [user('What is my name?')], 'You have not told me your name yet.'],
])('it %s', (_, messages, text) => {
  expect(replies(messages)).toMatchObject({ text, calls: [] });
});

const SEARCH = {
  function: {
    name: 'search_decisions',
    description: '',
    parameters: { type: 'object', properties: { sku: { type: 'string' } } },
  },
};

test('it uses the tool whose name the question speaks of, and puts its result into words', () => {
  const question = user('Which decisions are there on linen-blazer-stone-m?');
  expect(replies([question], [SEARCH])).toMatchObject({
    text: '',
    calls: [{ name: 'search_decisions', input: { sku: 'linen-blazer-stone-m' } }],
  });
  const given: ChatMessage = {
    role: 'tool',
    content: '{"decisions":[{"decision_id":3,"status":"APPLIED"}]}',
  };
  expect(replies([question, given], [SEARCH]).text).toBe('I found 1 entry: decision id 3, status APPLIED.');
});

test('asked for a document it uses each tool that it has the input for once, then fills the schema', () => {
  const schema = {
    type: 'object',
    required: ['role', 'pay'],
    properties: { role: { type: 'string' }, pay: { type: 'number' } },
  };
  const instructions: ChatMessage = {
    role: 'system',
    content: `fits this JSON Schema:\n${JSON.stringify(schema)}`,
  };
  const tool = { function: { name: 'pay', parameters: { required: ['role'], properties: { role: {} } } } };
  const asked = [instructions, user('{"role":"Engineer"}')];
  expect(replies(asked, [tool]).calls).toEqual([{ name: 'pay', input: { role: 'Engineer' } }]);
  const calls = [{ id: '1', function: { name: 'pay', arguments: '{}' } }];
  const used: ChatMessage[] = [
    { role: 'assistant', content: '', tool_calls: calls },
    { role: 'tool', content: '{"pay":5}' },
  ];
  expect(replies([...asked, ...used], [tool]).text).toBe('{"role":"Engineer","pay":5}');
});

test.each([
  [
    'Propose a price change of -6 EUR for linen-blazer-stone-m on evidence of tier A.',
    { action: 'PRICE_CHANGE', sku: 'linen-blazer-stone-m', delta_eur: -6, evidence_tier: 'A' },
  ],
  [
    'Please propose a discount test of 12.5 % on wool-scarf, evidence tier B',
    { action: 'DISCOUNT_TEST', sku: 'wool-scarf', discount_percent: 12.5, evidence_tier: 'B' },
  ],
])('it fills the input of a tool from what is said: %s', (sentence, input) => {
  const parameters = {
    type: 'object',
    required: ['action', 'evidence_tier'],
    properties: {
      action: { type: 'string', examples: ['PRICE_CHANGE', 'DISCOUNT_TEST'] },
      sku: { type: 'string' },
      delta_eur: { type: 'number' },
      discount_percent: { type: 'number' },
      evidence_tier: { enum: ['A', 'B', 'C'] },
    },
  };
  const tools = [{ function: { name: 'propose', description: '', parameters } }];
  expect(replies([user(sentence)], tools).calls).toEqual([{ name: 'propose', input }]);
  expect(replies([user('Propose something.')], tools).calls).toEqual([]);
});
