import { type ChatMessage, chatRequest } from './chat-wire.js';
import { replyTo } from './rules.js';

const TOOL = {
  function: {
    name: 'search_documents',
    parameters: { type: 'object', required: ['query'], properties: { query: { type: 'string' } } },
  },
};
const user = (content: string): ChatMessage => ({ role: 'user', content });
const found = (...passages: string[]): ChatMessage => ({
  role: 'tool',
  content: JSON.stringify({
    passages: passages.map((passage, index) => ({ marker: `[${index + 1}.1]`, passage })),
  }),
});
const reply = (messages: ChatMessage[]) =>
  replyTo(chatRequest.parse({ model: 'rules', messages, tools: [TOOL] }));

test.each([
  ['a question', 'How long may I take to return shoes?', 'How long may I take to return shoes?'],
  ["the texts of a run's payload", '{"question":"Do you ship abroad?","limit":3}', 'Do you ship abroad?'],
])('%s is looked up in the documents', (_, content, query) => {
  expect(reply([user(content)]).calls).toEqual([{ name: 'search_documents', input: { query } }]);
});

test('a greeting is not looked up', () => {
  expect(reply([user('Hello!')])).toMatchObject({ calls: [], text: expect.stringContaining('help you') });
});

test('a question that is longer than the tool takes is shortened, and stays valid Unicode', () => {
  const [call] = reply([user(`x${'😀'.repeat(2_000)}`)]).calls;
  const query = String(call?.input['query']);
  expect([query.length <= 1_000, query.isWellFormed()]).toEqual([true, true]);
});

test("the answer is the sentence in the question's words, with the marker of its passage", () => {
  const passages = found(
    'We are open daily. Shoes can be returned within 60 days. Hats cannot.',
    'We ship shoes.',
  );
  expect(reply([user('How long may I take to return shoes?'), passages]).text).toBe(
    'Shoes can be returned within 60 days. [1.1]',
  );
});

test('a later passage answers where it has much more of the question', () => {
  const passages = found('Ask us anything.', 'Parcels abroad to Norway and Iceland need a customs form.');
  expect(reply([user('Does a parcel to Norway need a customs form?'), passages]).text).toBe(
    'Parcels abroad to Norway and Iceland need a customs form. [2.1]',
  );
});

test('where no sentence has a word of the question the first passage answers, for it is nearest in meaning', () => {
  const passages = found('Goods may be sent back for a month.', 'We are open daily.');
  expect(reply([user('Refund?'), passages]).text).toBe('Goods may be sent back for a month. [1.1]');
});

test('where nothing was found the answer says so', () => {
  expect(reply([user('Do you sell cars?'), found()]).text).toBe('My documents say nothing about that.');
});
