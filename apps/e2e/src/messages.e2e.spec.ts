import { follow, type StreamEvent, streamedEvents } from './event-stream.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const PATH = '/api/v1/messages';
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let key: string;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  ({ key, client } = await integrate(home));
});
afterAll(() => workspaces.close());

async function integrate({ client: owner }: TestWorkspace, wish = {}) {
  const wanted = { name: 'Widget', agent: 'catalog-assistant', ...wish };
  const { status, json } = await owner.write('POST', '/api/v1/integrations', wanted);
  expect([status, json.data.key]).toEqual([201, expect.stringMatching(/^magus_sk_/)]);
  return { id: json.data.id, key: json.data.key as string, client: owner.withKey(json.data.key) };
}

const say = (content: string, more = {}, by = client) =>
  by.send(PATH, { method: 'POST', body: { content, ...more } });
const refusal = ({ status, json }: Answered) => [status, json.error.code];

const eventsIn = ({ text }: Answered) => streamedEvents(text);
const namesIn = (events: StreamEvent[]) => events.map(({ data }) => data.event ?? data);

test('an answer has every member that seed 002 prints', async () => {
  const { status, json } = await say('Hello!', { session_id: 'my-session-1' });
  expect(status).toBe(200);
  expect(json).toEqual({
    id: expect.stringMatching(/^msg_/),
    session_id: 'my-session-1',
    conversation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    content: 'Hello! How can I help you today?',
    citations: [],
    tool_calls: [],
    attachments: [],
    usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
});

test('a session remembers, another one does not', async () => {
  const first = await say('My name is Ada.');
  const { session_id } = first.json;
  expect((await say('What is my name?', { session_id })).json.content).toBe('Your name is Ada.');
  expect((await say('What is my name?')).json.content).toBe('You have not told me your name yet.');
  const again = await say('Hello', { session_id });
  expect(again.json.conversation_id).toBe(first.json.conversation_id);
});

test('a stream has the events of seed 002 under ids that count by one, and no proxy holds it back', async () => {
  const answered = await say('Hello!', { stream: true, session_id: 'streamed' });
  expect(answered.headers).toMatchObject({
    'content-type': expect.stringMatching(/^text\/event-stream/),
    'x-accel-buffering': 'no',
  });
  const events = eventsIn(answered);
  expect(events.slice(0, -1).map(({ id }) => id)).toEqual(events.slice(0, -1).map((_, index) => index + 1));
  const [created, started] = events;
  expect(created?.data).toEqual({
    event: 'session.created',
    session_id: 'streamed',
    conversation_id: expect.any(String),
  });
  expect(started?.data).toEqual({ event: 'message.started', message_id: expect.stringMatching(/^msg_/) });
  const chunks = events.filter(({ data }) => data.event === 'text.chunk');
  expect(chunks.map(({ data }) => data.delta).join('')).toBe('Hello! How can I help you today?');
  expect(events.at(-2)?.data).toEqual({
    event: 'message.completed',
    message_id: started?.data.message_id,
    usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
  });
  expect(events.at(-1)?.data).toBe('[DONE]');
});

test.each([
  ['minimal', { tools: false, thoughts: false }],
  ['standard', { tools: true, thoughts: false }],
  ['full', { tools: true, thoughts: true }],
])('at verbosity %s the stream shows what the seed says', async (verbosity, shown) => {
  const events = eventsIn(await say('Which decisions are there?', { stream: true, verbosity }));
  const names = new Set(namesIn(events));
  for (const name of ['session.created', 'message.started', 'text.chunk', 'message.completed'])
    expect(names).toContain(name);
  expect([names.has('tool.started'), names.has('tool.completed')]).toEqual([shown.tools, shown.tools]);
  expect([names.has('tool.progress'), names.has('thinking.chunk')]).toEqual([shown.thoughts, shown.thoughts]);
  expect(events.slice(0, -1).map(({ id }) => id)).toEqual(events.slice(0, -1).map((_, index) => index + 1));
});

test('tool calls of a whole answer stand in it', async () => {
  const { json } = await say('Is the kill switch engaged?');
  expect(json.tool_calls).toEqual([
    {
      id: expect.any(String),
      name: 'read_kill_switch',
      input: {},
      output: expect.objectContaining({ engaged: false }),
    },
  ]);
});

test('a cut stream goes on behind the last event that was received, and not for another key', async () => {
  const all = eventsIn(await say('Which decisions are there?', { stream: true }));
  const path = `${PATH}/${all[1]?.data.message_id}/events`;
  const missed = follow(`${system.gatewayUrl}${path}`, key, 3);
  expect(await missed.until(all.length - 3)).toEqual(
    all
      .slice(3)
      .map(({ id, data }, index) =>
        data === '[DONE]' ? { id: all[3 + index - 1]?.id, data } : { id, data },
      ),
  );
  missed.close();
  const other = await integrate(home);
  expect(refusal(await other.client.get(path))).toEqual([404, 'not_found']);
});

test('a retry under the same key is the same message', async () => {
  const headers = { 'idempotency-key': 'one-message' };
  const send = () => client.send(PATH, { method: 'POST', headers, body: { content: 'Hello!' } });
  const first = await send();
  const again = await send();
  expect([again.text, again.headers['idempotent-replayed']]).toEqual([first.text, 'true']);
});

test('messages of one session are answered in order', async () => {
  const session_id = 'in-order';
  const names = ['Ada', 'Grace', 'Barbara', 'Edsger'];
  const sent = names.map((name) => say(`My name is ${name}.`, { session_id }));
  await Promise.all(sent);
  const listed = await client.get(`${PATH}?session_id=${session_id}`);
  const turns = listed.json.data.reverse();
  expect(turns.map(({ status }: { status: string }) => status)).toEqual(names.map(() => 'success'));
  const last = /My name is (\w+)/.exec(turns.at(-1).message)?.[1];
  expect((await say('What is my name?', { session_id })).json.content).toBe(`Your name is ${last}.`);
});

test('a cancelled message that is answered stays so', async () => {
  const { json } = await say('Hello!');
  const cancelled = await client.send(`${PATH}/${json.id}`, { method: 'DELETE' });
  expect([cancelled.status, cancelled.json]).toEqual([202, { id: json.id, status: 'success' }]);
});

test.each<[string, () => Promise<Answered>, [number, string]]>([
  ['without content', () => client.send(PATH, { method: 'POST', body: {} }), [400, 'invalid_request']],
  [
    'with malformed JSON',
    () => client.send(PATH, { method: 'POST', body: '{"content":' }),
    [400, 'invalid_request'],
  ],
  ['without a key', () => say('Hello', {}, client.withKey(undefined)), [401, 'invalid_api_key']],
  [
    'with a malformed key',
    () => say('Hello', {}, client.withKey('magus_sk_nonsense')),
    [401, 'invalid_api_key'],
  ],
])('a message %s is refused as seed 002 prints it', async (_, send, expected) => {
  expect(refusal(await send())).toEqual(expected);
});

test('a disabled integration is refused, and works again when it is active', async () => {
  const { id, client: widget } = await integrate(home);
  await home.client.write('PATCH', `/api/v1/integrations/${id}`, { status: 'disabled' });
  expect(refusal(await say('Hello', {}, widget))).toEqual([403, 'integration_inactive']);
  await home.client.write('PATCH', `/api/v1/integrations/${id}`, { status: 'active' });
  expect((await say('Hello', {}, widget)).status).toBe(200);
});

test('a rotated key and its successor have the same sessions', async () => {
  const { id, client: widget } = await integrate(home);
  await say('My name is Ada.', { session_id: 'mine' }, widget);
  const { json } = await home.client.write('POST', `/api/v1/integrations/${id}/rotate`, {
    grace_period_hours: 1,
  });
  const successor = home.client.withKey(json.data.key);
  expect((await say('What is my name?', { session_id: 'mine' }, successor)).json.content).toBe(
    'Your name is Ada.',
  );
  expect((await say('Hello', {}, widget)).status).toBe(200);
});

test("credits end with the workspace's plan and with the integration's own limit, and no sooner", async () => {
  const limited = await integrate(home, { daily_credit_limit: 2 });
  const answers = await Promise.all(Array.from({ length: 4 }, () => say('Hello', {}, limited.client)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 403, 403]);
  const refused = answers.find(({ status }) => status === 403);
  expect(refused?.json.error.code).toBe('usage_limit_exceeded');
  const poor = await workspaces.create('free');
  const widget = await integrate(poor);
  await poor.client.write('POST', '/api/v1/entitlements/usage', { feature: 'message_credits', quantity: 99 });
  expect((await say('Hello', {}, widget.client)).status).toBe(200);
  expect(refusal(await say('Hello', {}, widget.client))).toEqual([403, 'usage_limit_exceeded']);
});

test("a workspace's own key speaks to any of its agents, an integration's to its own alone", async () => {
  expect((await say('Hello', { agent: 'catalog-assistant' }, home.client)).status).toBe(200);
  expect(refusal(await say('Hello', { agent: 'offer-orchestrator-mag' }))).toEqual([403, 'access_denied']);
});

test('keys of integrations are not among the keys of the workspace', async () => {
  const { json } = await home.client.get('/api/v1/api-keys');
  expect(json.data.map(({ prefix }: { prefix: string }) => prefix)).not.toContainEqual(
    expect.stringMatching(/^magus/),
  );
});
