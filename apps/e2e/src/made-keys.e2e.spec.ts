import type { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const LIMITS = '/api/v1/cost-limits';
const KEYS = '/api/v1/api-keys';

interface NamedKey {
  readonly id: number;
  readonly client: GatewayClient;
}

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
/** A key that somebody has limited, and one that it has made. */
let maker: NamedKey;
let child: NamedKey;
let limitId: number;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
});
afterAll(() => workspaces.close());

beforeEach(async () => {
  home = await workspaces.createOpen();
  maker = await make(home.client);
  child = await make(maker.client);
  const { json } = await limit(home.client, { principal: `key:${maker.id}`, micros: 1_000_000_000 });
  limitId = json.data.id;
});

const named = ({ id, key }: { id: number; key: string }): NamedKey => ({
  id,
  client: home.client.withKey(key),
});

async function make(by: GatewayClient): Promise<NamedKey> {
  return named((await by.write('POST', KEYS, { name: 'made', scopes: ['*'] })).json.data);
}

async function rotate({ id }: NamedKey, by: GatewayClient): Promise<NamedKey> {
  return named((await by.write('POST', `${KEYS}/${id}/rotate`, {})).json.data);
}

const limit = (by: GatewayClient, body: object) => by.write('PUT', LIMITS, { period: 'day', ...body });

const say = (by: GatewayClient) => by.write('POST', '/api/v1/messages', { content: 'Hello!' });

/** The child spends, and then the limit of its maker is all that was spent. */
async function useUp(): Promise<void> {
  expect((await say(child.client)).status).toBe(200);
  const { json } = await home.client.get(LIMITS);
  const { used_micros } = json.data.find(({ id }: { id: number }) => id === limitId);
  expect(used_micros).toBeGreaterThan(0);
  const set = await limit(home.client, { principal: `key:${maker.id}`, micros: used_micros });
  expect(set.json.data).toMatchObject({ used_micros, available_micros: 0 });
}

async function expectRefused(client: GatewayClient, whose: RegExp | string): Promise<void> {
  const { status, json } = await say(client);
  expect([status, json.error.code]).toEqual([403, 'usage_limit_exceeded']);
  expect(json.error.message).toMatch(
    new RegExp(`^The daily cost limit of key:${maker.id} \\(${whose}\\) has no room .* opens again at`),
  );
}

test('what a key spends is its maker’s, too: both are refused by its limit, and no other key is', async () => {
  await useUp();
  await expectRefused(child.client, `a maker of key:${child.id}`);
  await expectRefused(maker.client, '0\\.\\d{6} US dollars');
  expect((await say(home.client)).status).toBe(200);
  const usage = `/api/v1/usage/agents?group_by=principal&principal=key:${maker.id}`;
  const { json } = await home.client.get(usage);
  expect(json.data.groups).toEqual([expect.objectContaining({ name: `key:${child.id}` })]);
});

test('the maker under a new key, and whatever it makes then, is as limited as before', async () => {
  await useUp();
  const successor = await rotate(maker, maker.client);
  await expectRefused(successor.client, '0\\.\\d{6} US dollars');
  await expectRefused(child.client, `a maker of key:${child.id}`);
  const [later, turned] = [await make(successor.client), await rotate(child, child.client)];
  await expectRefused(later.client, `a maker of key:${later.id}`);
  await expectRefused(turned.client, `a maker of key:${child.id}`);
});

test('a limited key gets out by no credential that it can come by', async () => {
  await useUp();
  const grandchild = await make(child.client);
  await expectRefused(grandchild.client, `a maker of key:${grandchild.id}`);

  const wanted = { name: 'Widget', agent: 'catalog-assistant' };
  const { json: widget } = await maker.client.write('POST', '/api/v1/integrations', wanted);
  await expectRefused(home.client.withKey(widget.data.key), 'a maker of key:\\d+');

  const free = await make(home.client);
  expect((await say(free.client)).status).toBe(200);
  const taken = await rotate(free, maker.client);
  await expectRefused(taken.client, `a maker of key:${free.id}`);
  expect((await say(free.client)).status).toBe(200);

  const { json: service } = await home.client.write('POST', '/v1/service-credentials', {
    ...{ name: 'sync', scopes: ['*'] },
  });
  const minted = await maker.client.write('POST', `/v1/service-credentials/${service.id}/mint`, {});
  await expectRefused(home.client.withKey(minted.json.token), `a maker of ${service.id}`);
  const own = await home.client.write('POST', `/v1/service-credentials/${service.id}/mint`, {});
  expect((await say(home.client.withKey(own.json.token))).status).toBe(200);
});

test('neither the limited key nor one that it made raises or lifts the limit, though they have the scope', async () => {
  for (const { client } of [maker, child]) {
    const raised = await limit(client, { principal: `key:${maker.id}`, micros: 2_000_000_000 });
    const lifted = await client.write('DELETE', `${LIMITS}/${limitId}`, undefined);
    expect([raised, lifted].map(({ status, json }) => [status, json.error])).toEqual([
      [403, 'access_denied'],
      [403, 'access_denied'],
    ]);
  }
  const { json } = await home.client.get(LIMITS);
  expect(json.data).toEqual([expect.objectContaining({ id: limitId, micros: 1_000_000_000 })]);
});

test('a key behind which eight others stand makes none, and is told why', async () => {
  // Behind the child its maker stands, and behind that the workspace's own key.
  let last = child;
  for (let makers = 2; makers < 8; makers += 1) last = await make(last.client);
  const { status, json } = await last.client.write('POST', KEYS, { name: 'made', scopes: ['*'] });
  expect([status, json.error]).toEqual([403, 'access_denied']);
  expect(json.message).toMatch(/^More than 8 credentials would stand behind this one/);
  expect((await rotate(last, last.client)).id).toBeGreaterThan(last.id);
});
