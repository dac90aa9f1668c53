import { streamedEvents } from '../event-stream.fixture.js';
import type { GatewayClient } from '../gateway.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { integrate, post } from './seed-002.fixture.js';

const NAMED = 'Your name is Ada.';
const UNNAMED = 'You have not told me your name yet.';

let workspaces: Workspaces;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
  home = await workspaces.createOpen();
});
beforeEach(async () => {
  ({ client } = await integrate(home));
});
afterAll(() => workspaces.close());

interface Said {
  readonly session_id: string;
  readonly conversation_id: string;
  readonly content: string;
}

/** As an answer tells it, whichever way it comes. */
async function say(content: string, session_id?: string, by = client): Promise<Said> {
  return (await post(by, { content, session_id })).json;
}

async function sayStreaming(content: string, session_id?: string): Promise<Said> {
  const { text } = await post(client, { content, session_id, stream: true });
  const events = streamedEvents(text).map(({ data }) => data);
  const said = events.map(({ delta = '' }) => delta).join('');
  const { session_id: told, conversation_id } = events[0];
  return { session_id: told, conversation_id, content: said };
}

test('Same session_id: same conversation, whose context the agent remembers', async () => {
  const first = await say('My name is Ada.', 'my-session-1');
  const { conversation_id } = first;
  expect(first.session_id).toBe('my-session-1');
  for (const ask of [say, sayStreaming]) {
    const again = await ask('What is my name?', 'my-session-1');
    expect(again).toMatchObject({ session_id: 'my-session-1', conversation_id, content: NAMED });
  }
});

test('Different session_id: different conversation, which knows nothing of the first', async () => {
  const first = await say('My name is Ada.', 'my-session-1');
  for (const [index, ask] of [say, sayStreaming].entries()) {
    const other = await ask('What is my name?', `my-session-${index + 2}`);
    expect(other.conversation_id).not.toBe(first.conversation_id);
    expect(other.content).toBe(UNNAMED);
  }
});

test('No session_id: a new conversation each time, under an id of its own that is returned', async () => {
  const begun = [await say('My name is Ada.'), await sayStreaming('My name is Ada.'), await say('Hello')];
  expect(new Set(begun.map(({ session_id }) => session_id)).size).toBe(begun.length);
  expect(new Set(begun.map(({ conversation_id }) => conversation_id)).size).toBe(begun.length);
  expect((await say('What is my name?')).content).toBe(UNNAMED);
});

test.each([
  ['a whole answer', say],
  ['a stream', sayStreaming],
] as const)('the auto-generated id of %s continues its conversation', async (_, begin) => {
  const { session_id, conversation_id } = await begin('My name is Ada.');
  for (const ask of [say, sayStreaming])
    expect(await ask('What is my name?', session_id)).toEqual(
      expect.objectContaining({ session_id, conversation_id, content: NAMED }),
    );
});

test('the same session_id always routes to the same conversation, also of messages at once', async () => {
  const asks = Array.from({ length: 6 }, (_, index) => (index % 2 ? say : sayStreaming)('Hello', 'at-once'));
  const told = await Promise.all(asks);
  expect(new Set(told.map(({ conversation_id }) => conversation_id)).size).toBe(1);
});

test('the same session_id under another integration is another conversation', async () => {
  const { client: other } = await integrate(home);
  const first = await say('My name is Ada.', 'my-session-1');
  const second = await say('What is my name?', 'my-session-1', other);
  expect(second.conversation_id).not.toBe(first.conversation_id);
  expect([second.session_id, second.content]).toEqual(['my-session-1', UNNAMED]);
});
