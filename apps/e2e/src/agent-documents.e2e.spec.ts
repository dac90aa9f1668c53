import { eventually } from './eventually.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const PATH = '/api/v1/agents/catalog-assistant/documents';
const READY_MS_MAX = 30_000;
const HANDBOOK = `# Handbook

## Returns

Goods can be sent back within 30 days of delivery, unworn and with their tags.

## Linen

Linen is washed at 30 degrees and dried on a line; the tumble dryer shrinks it.
`;
const LADDER = 'The caretaker keeps the aluminium ladder behind the boiler.';
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
});
afterAll(() => workspaces.close());

/** A key that speaks to the catalogue assistant and may do nothing else. */
async function widgetOf({ client }: TestWorkspace): Promise<GatewayClient> {
  const wanted = { name: 'Widget', agent: 'catalog-assistant' };
  const { json } = await client.write('POST', '/api/v1/integrations', wanted);
  return client.withKey(json.data.key);
}

const untilReady = ({ client }: TestWorkspace, id: number) =>
  eventually(READY_MS_MAX, async () => {
    expect((await client.get(`${PATH}/${id}`)).json.data.status).toBe('ready');
  });

test('a message is answered from a document, by its meaning, with the passage that says so', async () => {
  const created = await home.client.write('POST', PATH, { name: 'Handbook', content: HANDBOOK });
  expect([created.status, created.json.data.passages]).toEqual([201, 2]);
  const { id } = created.json.data;
  await untilReady(home, id);
  const widget = await widgetOf(home);
  const { json } = await widget.send('/api/v1/messages', {
    method: 'POST',
    body: { content: 'How should I do the laundry for my summer shirt?' },
  });
  const marker = `[${id}.2]`;
  expect(json.content).toBe(
    `Linen is washed at 30 degrees and dried on a line; the tumble dryer shrinks it. ${marker}`,
  );
  expect(json.citations).toEqual([
    {
      ...{ marker, document_id: id, name: 'Handbook', heading: 'Handbook › Linen' },
      passage: 'Linen is washed at 30 degrees and dried on a line; the tumble dryer shrinks it.',
    },
  ]);
  expect(json.tool_calls).toMatchObject([{ name: 'search_documents', output: { passages: [{ marker }] } }]);
});

test('a stream of the same has the events of seed 002 and no member more', async () => {
  const widget = await widgetOf(home);
  const { text } = await widget.send('/api/v1/messages', {
    method: 'POST',
    body: { content: 'Within how many days are goods sent back?', stream: true },
  });
  const events = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json));
  expect(events.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['tool.started', 'tool.completed', 'text.chunk', 'message.completed']),
  );
  expect(Object.keys(events.at(-1)).sort()).toEqual(['event', 'message_id', 'usage']);
});

test('a retry under the same key is the same answer, and another document under it is refused', async () => {
  const headers = { 'idempotency-key': 'one-document' };
  const send = (content: string) =>
    home.client.send(PATH, { method: 'POST', headers, body: { name: 'Keys', content } });
  const first = await send('Keys hang beside the door.');
  const again = await send('Keys hang beside the door.');
  expect([again.status, again.text, again.headers['idempotent-replayed']]).toEqual([201, first.text, 'true']);
  expect((await send('Keys lie on the table.')).json.code).toBe('idempotency_key_reused');
});

test('what is wrong with a document is told as errors of agents are', async () => {
  const refused = await home.client.write('POST', PATH, { name: 'Nothing' });
  expect([refused.status, refused.json]).toMatchObject([400, { code: 'invalid_payload' }]);
  const unknown = await home.client.write('POST', PATH.replace('catalog-assistant', 'nobody'), {
    ...{ name: 'Keys', content: 'Keys hang beside the door.' },
  });
  expect([unknown.status, unknown.json.code]).toEqual([404, 'agent_not_found']);
});

test('a document whose process is killed while it is embedded becomes ready, and answers meanwhile', async () => {
  const rules = Array.from(
    { length: 100 },
    (_, number) => `## Rule ${number}\n\nShelf ${number} holds paint.\n`,
  );
  rules.push(`## Ladder\n\n${LADDER}\n`);
  const { json } = await home.client.write('POST', PATH, { name: 'Rules', content: rules.join('\n') });
  expect(json.data).toMatchObject({ status: 'indexing', passages: 101 });
  await killProcess(system, 'agents');
  const found = await eventually(READY_MS_MAX, async () => {
    const sent = { method: 'POST', body: { content: 'Where does the caretaker keep the aluminium ladder?' } };
    const answered = await home.client.send('/api/v1/messages', sent);
    expect(answered.status).toBe(200);
    return answered.json;
  });
  expect(found.content).toBe(`${LADDER} [${json.data.id}.101]`);
  await untilReady(home, json.data.id);
}, 90_000);
