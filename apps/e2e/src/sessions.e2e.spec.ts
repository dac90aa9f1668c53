import type { Answered, GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const PATH = '/api/v1/sessions';
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let widget: GatewayClient;
let other: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  [widget, other] = [await integrate(), await integrate()];
});
afterAll(() => workspaces.close());

async function integrate(): Promise<GatewayClient> {
  const wanted = { name: 'Widget', agent: 'catalog-assistant' };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  return home.client.withKey(json.data.key);
}

const say = (content: string, session_id: string, headers = {}) =>
  widget.send('/api/v1/messages', { method: 'POST', headers, body: { content, session_id } });
const erase = (id: string, by = widget, headers = {}) =>
  by.send(`${PATH}/${encodeURIComponent(id)}`, { method: 'DELETE', headers });
const refusal = ({ status, json }: Answered) => [status, json.error.code];

test('a key lists, reads and erases its own sessions, whatever their names, and no other key does', async () => {
  const name = 'Ada & Grace / 2';
  const { json: said } = await say('Hello!', name);
  await say('Hello!', 'second');
  const { json: listed } = await widget.get(`${PATH}?limit=1`);
  expect(listed).toMatchObject({ data: [{ session_id: 'second', messages: 1 }], has_more: true });
  const rest = await widget.get(`${PATH}?limit=1&cursor=${listed.next_cursor}`);
  expect(rest.json).toEqual({
    data: [
      {
        ...{ session_id: name, conversation_id: said.conversation_id, messages: 1 },
        ...{ created_at: expect.any(String), last_message_at: said.created_at },
      },
    ],
    ...{ next_cursor: null, has_more: false },
  });
  expect((await other.get(PATH)).json.data).toEqual([]);
  expect(refusal(await erase(name, other))).toEqual([404, 'not_found']);
  expect((await erase(name)).status).toBe(204);
  expect(refusal(await widget.get(`${PATH}/${encodeURIComponent(name)}`))).toEqual([404, 'not_found']);
  expect((await widget.get(`/api/v1/messages?session_id=${encodeURIComponent(name)}`)).json.data).toEqual([]);
});

test('retries of an erased message and of its erasure are told so, and bring nothing back', async () => {
  const once = { 'idempotency-key': 'said-once' };
  const first = await say('My name is Ada.', 'gone', once);
  expect((await say('My name is Ada.', 'gone', once)).text).toBe(first.text);
  const erasing = { 'idempotency-key': 'erased-once' };
  expect((await erase('gone', widget, erasing)).status).toBe(204);
  const again = await erase('gone', widget, erasing);
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([204, 'true']);
  expect(refusal(await say('My name is Ada.', 'gone', once))).toEqual([404, 'not_found']);
  expect(refusal(await erase('gone'))).toEqual([404, 'not_found']);
  expect(refusal(await widget.get(`${PATH}/gone`))).toEqual([404, 'not_found']);
});

test('usage is to the unit what it was before a session was erased', async () => {
  await say('Which decisions are there?', 'dear');
  const usage = () => home.client.get('/api/v1/usage/agents?group_by=agent');
  const before = await usage();
  await erase('dear');
  expect((await usage()).json).toEqual(before.json);
});
