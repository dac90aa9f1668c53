import type { GatewayClient } from '../gateway.fixture.js';
import { LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { integrate, MESSAGE_ID, MESSAGES, post, UUID } from './seed-002.fixture.js';

/** The stream as seed 002 prints it. */
const PRINTED = `\
data: {"event": "session.created", "session_id": "my-session-1", "conversation_id": "uuid"}
data: {"event": "message.started", "message_id": "msg_abc123"}
data: {"event": "text.chunk", "delta": "Hello! "}
data: {"event": "text.chunk", "delta": "How can I help you today?"}
data: {"event": "message.completed", "message_id": "msg_abc123", \
"usage": {"prompt_tokens": 150, "completion_tokens": 25}}
data: [DONE]`;
const FRAME = /^(?:id: \d+\n)?data: (.+)$/;

let agents: ScriptedAgents;
let client: GatewayClient;
let scripted: GatewayClient;
let key: string;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  const home = await agents.workspace();
  ({ client } = await integrate(home));
  ({ client: scripted, key } = await integrate(home, LEVELS[0]));
});
afterAll(() => agents.close());

/** Each frame's one line of data; whatever else stood in the stream would fail. */
function dataIn(text: string): string[] {
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .slice(0, -2)
    .split('\n\n')
    .filter((frame) => frame !== ':')
    .map((frame) => FRAME.exec(frame)?.[1] ?? `no frame: ${frame}`);
}

test('Streaming Response (SSE): the printed lines, but for ids and counts', async () => {
  const answered = await post(client, { content: 'Hello!', session_id: 'my-session-1', stream: true });
  expect([answered.status, answered.headers['content-type']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  const told = dataIn(answered.text);
  const printed = PRINTED.split('\n').map((line) => line.slice('data: '.length));
  expect(told).toHaveLength(printed.length);
  expect(told.at(-1)).toBe(printed.at(-1));
  const events = told.slice(0, -1).map((data) => JSON.parse(data));
  const id = events[1].message_id;
  const expected = printed.slice(0, -1).map((data) => JSON.parse(data));
  for (const [index, event] of events.entries()) {
    const { message_id, conversation_id, usage, ...rest } = expected[index];
    expect(Object.keys(event)).toEqual(Object.keys(expected[index]));
    expect(event).toEqual({
      ...rest,
      ...(message_id && { message_id: id }),
      ...(conversation_id && { conversation_id: UUID }),
      ...(usage && { usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) } }),
    });
  }
  expect(id).toEqual(MESSAGE_ID);
});

test("message.completed has the model's own counts", async () => {
  const content = JSON.stringify({ turns: [{ says: 'Hello!', tokens: [150, 25] }] });
  const told = dataIn((await post(scripted, { content, stream: true })).text);
  expect(JSON.parse(told.at(-2) ?? '')).toEqual({
    ...{ event: 'message.completed', message_id: MESSAGE_ID },
    usage: { prompt_tokens: 150, completion_tokens: 25 },
  });
});

test('a stream is the same message as its whole answer', async () => {
  const { text } = await post(scripted, {
    content: JSON.stringify({ turns: [{ says: 'The same – ünïcödé 🧵 too.' }] }),
    ...{ session_id: 'the-same', stream: true },
  });
  const events = dataIn(text)
    .slice(0, -1)
    .map((data) => JSON.parse(data));
  const { json } = await scripted.get(`${MESSAGES}?session_id=the-same`);
  const said = events.map(({ delta = '' }) => delta).join('');
  expect(said).toBe('The same – ünïcödé 🧵 too.');
  expect(json.data).toMatchObject([
    {
      ...{ id: events[1].message_id, session_id: 'the-same', content: said },
      conversation_id: events[0].conversation_id,
    },
  ]);
});

test('what the agent says comes while it still works, in whole lines', async () => {
  const label = 'told-meanwhile';
  const content = JSON.stringify({ turns: [{ says: 'Grüße, one two ', fault: 'drones', label }] });
  const response = await fetch(`${agents.system.gatewayUrl}${MESSAGES}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ content, stream: true }),
  });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let told = '';
  let id = '';
  for await (const bytes of response.body ?? []) {
    const chunk = decoder.decode(bytes);
    expect(chunk.endsWith('\n\n')).toBe(true);
    told += chunk;
    id = /msg_\w+/.exec(told)?.[0] ?? id;
    if (told.includes('"delta":"two "') && !told.includes('"error"')) {
      // Its model has not ended: nothing but this ends it.
      expect(told).not.toContain('message.completed');
      await agents.model.untilOpen(label);
      await scripted.send(`${MESSAGES}/${id}`, { method: 'DELETE' });
    }
  }
  const last = dataIn(told).slice(-2);
  expect([JSON.parse(last[0] ?? ''), last[1]]).toEqual([
    {
      event: 'error',
      message_id: id,
      error: { code: 'cancelled', message: 'The message was cancelled.' },
    },
    '[DONE]',
  ]);
});
