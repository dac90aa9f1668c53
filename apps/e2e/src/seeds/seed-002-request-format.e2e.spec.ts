import { textPdf } from '@magistry/testing';
import type { GatewayClient } from '../gateway.fixture.js';
import { LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import {
  COUNT,
  expectError,
  GREETING,
  INSTANT,
  integrate,
  MESSAGE_ID,
  post,
  UUID,
} from './seed-002.fixture.js';

const WORD_MS = 60;
const WORDS = ['one ', 'two ', 'three ', 'four ', 'five'];

let agents: ScriptedAgents;
let client: GatewayClient;
let scripted: GatewayClient;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  const home = await agents.workspace();
  ({ client } = await integrate(home));
  ({ client: scripted } = await integrate(home, LEVELS[0]));
});
afterAll(() => agents.close());

const PDF = textPdf([['Good morning!']]).toString('base64');
const FILE = { type: 'file', name: 'document.pdf', data: PDF, content_type: 'application/pdf' };

test('Non-Streaming Response: the members that are printed, in their order and types, and no others', async () => {
  const turns = [{ says: GREETING, tokens: [150, 25] }];
  const content = JSON.stringify({ turns });
  const { status, headers, json } = await post(scripted, { content, session_id: 'my-session-1' });
  expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  const printed = {
    id: MESSAGE_ID,
    session_id: 'my-session-1',
    conversation_id: UUID,
    content: GREETING,
    citations: [],
    tool_calls: [],
    attachments: [],
    usage: { prompt_tokens: 150, completion_tokens: 25 },
    created_at: INSTANT,
  };
  expect(json).toEqual(printed);
  expect(Object.keys(json)).toEqual(Object.keys(printed));
  expect(Object.keys(json.usage)).toEqual(Object.keys(printed.usage));
  expect(Math.abs(Date.parse(json.created_at) - Date.now())).toBeLessThan(10_000);
});

test('without stream the answer waits for the agent to finish', async () => {
  const content = JSON.stringify({ turns: [{ says: WORDS.join(''), wordMs: WORD_MS }] });
  const { json, durationMs } = await post(scripted, { content });
  expect(json.content).toBe(WORDS.join(''));
  expect(durationMs).toBeGreaterThan(WORD_MS * WORDS.length);
});

test('content alone is a message; every other field has the default of the table', async () => {
  const sent = [{}, { stream: false }, { verbosity: 'standard' }, { attachments: [] }];
  const answers = await Promise.all(sent.map((more) => post(client, { content: 'Hello', ...more })));
  for (const { status, json } of answers) {
    expect([status, json]).toEqual([
      200,
      {
        ...{ id: MESSAGE_ID, session_id: expect.stringMatching(/\S/), conversation_id: UUID },
        ...{ content: GREETING, citations: [], tool_calls: [], attachments: [] },
        ...{ usage: { prompt_tokens: COUNT, completion_tokens: COUNT }, created_at: INSTANT },
      },
    ]);
  }
  expect(new Set(answers.map(({ json }) => json.session_id)).size).toBe(sent.length);
});

test.each(['minimal', 'standard', 'full'])(
  'a whole answer has the same members at verbosity %s',
  async (verbosity) => {
    const { json } = await post(client, { content: 'Is the kill switch engaged?', verbosity });
    expect(Object.keys(json)).toHaveLength(9);
    expect(json.tool_calls).toMatchObject([{ name: 'read_kill_switch' }]);
  },
);

test.each<[string, unknown, string]>([
  ['no content', {}, 'The content field is required.'],
  ['no content beside a session', { session_id: 'my-session-1' }, 'The content field is required.'],
  ['null as content', { content: null }, 'content'],
  ['empty content', { content: '' }, 'content'],
  ['a number as content', { content: 7 }, 'content'],
  ['a list as content', { content: ['Hello'] }, 'content'],
  ['an object as content', { content: { text: 'Hello' } }, 'content'],
  ['a number as session_id', { content: 'Hello', session_id: 7 }, 'session_id'],
  ['an empty session_id', { content: 'Hello', session_id: '' }, 'session_id'],
  ['a text as stream', { content: 'Hello', stream: 'true' }, 'stream'],
  ['a number as stream', { content: 'Hello', stream: 1 }, 'stream'],
  ['an unknown verbosity', { content: 'Hello', verbosity: 'verbose' }, 'verbosity'],
  ['a verbosity in capitals', { content: 'Hello', verbosity: 'FULL' }, 'verbosity'],
  ['a number as verbosity', { content: 'Hello', verbosity: 2 }, 'verbosity'],
  ['an object as attachments', { content: 'Hello', attachments: FILE }, 'attachments'],
  ['an attachment of another type', withFile({ type: 'image' }), 'attachments[0].type'],
  ['an attachment without a type', withFile({ type: undefined }), 'attachments[0].type field is required'],
  ['an attachment without a name', withFile({ name: undefined }), 'attachments[0].name field is required'],
  ['an attachment without data', withFile({ data: undefined }), 'attachments[0].data field is required'],
  [
    'an attachment without a content_type',
    withFile({ content_type: undefined }),
    'attachments[0].content_type field is required',
  ],
  ['an attachment by its address', withFile({ url: 'https://example.com/a.pdf' }), 'url'],
  ['a field that is not in the table', { content: 'Hello', session: 'my-session-1' }, 'session'],
  ['JSON that breaks off', '{"content": "Hello"', 'JSON'],
  ['a name twice', '{"content": "Hello", "content": "Bye"}', 'JSON'],
  ['no JSON', 'content=Hello', 'JSON'],
  ['a list', '[]', 'request'],
  ['a text', '"Hello"', 'request'],
  ['null', 'null', 'request'],
  ['nothing', '', 'The content field is required.'],
])('%s is 400 invalid_request, which says what is wrong', async (_, body, told) => {
  const bodies = typeof body === 'object' ? [body, { ...body, stream: true }] : [body];
  const sent = bodies.filter((one) => one === body || !('stream' in (body as object)));
  for (const one of sent) {
    expectError(await post(client, one), [400, 'invalid_request', expect.stringContaining(told)]);
  }
});

function withFile(change: object) {
  return { content: 'Translate this document', attachments: [{ ...FILE, ...change }] };
}
