import { eventually } from './eventually.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const LIMITS = '/api/v1/cost-limits';
/** Decisions looks for what it has missed every 10 s. */
const TOLD_MS_MAX = 20_000;

interface Entry {
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly request_id: string;
}

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let widget: { readonly id: number; readonly client: GatewayClient };

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  const wanted = { name: 'Widget', agent: 'catalog-assistant' };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  widget = { id: json.data.id, client: home.client.withKey(json.data.key) };
});
afterAll(() => workspaces.close());

const say = (client: GatewayClient, headers = {}) =>
  client.write('POST', '/api/v1/messages', { content: 'Hello!' }, headers);
const set = (body: object) => home.client.write('PUT', LIMITS, body);

async function creditsUsed(): Promise<number> {
  const { json } = await home.client.get('/api/v1/entitlements/summary');
  return json.data.entitlements.message_credits.used;
}

test('usage has what runs and messages cost, by who asked for them', async () => {
  const { json: run } = await home.client.write('POST', '/api/v1/agents/offer-orchestrator-mag/run', {
    payload: { role: 'Engineer' },
  });
  await say(widget.client);
  const { json: summary } = await home.client.get(`/api/v1/runs/${run.run_id}`);
  const { json: usage } = await home.client.get('/api/v1/usage/agents?group_by=agent');
  const microsOf = (name: string) =>
    usage.data.groups.find((group: { name: string }) => group.name === name)?.cost_micros ?? 0;
  expect(microsOf('offer-orchestrator-mag')).toBe(summary.metrics.cost_micros);
  expect(microsOf('offer-orchestrator-mag') + microsOf('compensation-advisor-sag')).toBe(
    summary.metrics.tree_cost_micros,
  );
  expect(usage.data.total.cost_micros).toBe(summary.metrics.tree_cost_micros + microsOf('catalog-assistant'));
  const byKey = await home.client.get('/api/v1/usage/agents?group_by=principal');
  expect(byKey.json.data.groups).toHaveLength(2);
});

test('an integration whose cost limit is used up is refused before it costs anything, and nobody else', async () => {
  const answered = { 'idempotency-key': 'said-before' };
  expect((await say(widget.client, answered)).status).toBe(200);
  const before = await creditsUsed();
  const { status, json } = await set({ integration: widget.id, period: 'day', micros: 1 });
  expect([status, json.data]).toEqual([
    200,
    expect.objectContaining({
      principal: expect.stringMatching(/^key:\d+$/),
      micros: 1,
      available_micros: 0,
    }),
  ]);
  const refused = await say(widget.client);
  expect([refused.status, refused.json.error.code]).toEqual([403, 'usage_limit_exceeded']);
  expect(refused.json.error.message).toMatch(/opens again at \d{4}-\d\d-\d\dT00:00:00Z\.$/);
  expect((await say(widget.client, answered)).status).toBe(200);
  expect(await creditsUsed()).toBe(before);
  expect((await say(home.client)).status).toBe(200);
  expect((await home.client.write('DELETE', `${LIMITS}/${json.data.id}`, undefined)).status).toBe(204);
  expect((await say(widget.client)).status).toBe(200);
});

test('a run that a limit of its workspace has no room for says which, and when it opens again', async () => {
  const { json } = await set({ period: 'month', micros: 1_000 });
  await set({ period: 'month', micros: json.data.used_micros + 1 });
  const path = '/api/v1/agents/offer-orchestrator-mag/run';
  const refused = await home.client.write('POST', path, { payload: { role: 'Engineer' } });
  expect(refused.json).toEqual({
    code: 'execution_failed',
    message: expect.stringMatching(
      /monthly cost limit of the workspace \(0\.\d{6} US dollars\).*opens again at/,
    ),
  });
  const { json: limits } = await home.client.get(LIMITS);
  expect(limits.data).toEqual([expect.objectContaining({ principal: null, available_micros: 1 })]);
});

test('a key with all shorthands and no scope by name reads limits, and neither sets, lifts nor grants it', async () => {
  const { json: made } = await set({ period: 'month', micros: 9_000_000_000 });
  const scopes = ['read', 'write', 'delete'];
  const { json } = await home.client.write('POST', '/api/v1/api-keys', { name: 'site', scopes });
  const site = home.client.withKey(json.data.key);
  expect((await site.get(LIMITS)).json.data).toContainEqual(expect.objectContaining({ id: made.data.id }));
  const refused = [
    await site.write('PUT', LIMITS, { period: 'month', micros: 10_000_000_000 }),
    await site.write('DELETE', `${LIMITS}/${made.data.id}`, undefined),
  ];
  expect(refused.map(({ status, json }) => [status, json.error])).toEqual([
    [403, 'access_denied'],
    [403, 'access_denied'],
  ]);
  expect(refused[0]?.json.message).toMatch(/cost-limits:write, by name: no shorthand such as write gives it/);
  const wanted = { name: 'ladder', scopes: ['cost-limits:write'] };
  expect((await site.write('POST', '/api/v1/api-keys', wanted)).status).toBe(403);
  const named = await home.client.write('POST', '/api/v1/api-keys', wanted);
  const ladder = home.client.withKey(named.json.data.key);
  expect((await ladder.write('PUT', LIMITS, { period: 'month', micros: 8_000_000_000 })).status).toBe(200);
});

test('the audit log says who changed a limit, from what to what, by which request', async () => {
  const { json, headers } = await set({ period: 'day', micros: 7_000_000_000 });
  const changed = await set({ period: 'day', micros: 6_000_000_000 });
  const lifted = await home.client.write('DELETE', `${LIMITS}/${json.data.id}`, undefined);
  const told = await eventually(TOLD_MS_MAX, async () => {
    const { json: log } = await home.client.get('/v1/audit?limit=100&order=asc');
    const of = log.data.filter((entry: Entry) => entry.details['cost_limit'] === json.data.id);
    expect(of).toHaveLength(3);
    return of as Entry[];
  });
  const ids = [headers, changed.headers, lifted.headers].map((each) => each['x-request-id']);
  expect(told.map(({ action, details, request_id }) => [action, details, request_id])).toEqual([
    ['cost_limit.set', detailsOf(json.data.id, null, 7_000_000_000), ids[0]],
    ['cost_limit.set', detailsOf(json.data.id, 7_000_000_000, 6_000_000_000), ids[1]],
    ['cost_limit.removed', detailsOf(json.data.id, 6_000_000_000, null), ids[2]],
  ]);
});

function detailsOf(id: number, before: number | null, after: number | null) {
  return { cost_limit: id, period: 'day', micros_before: before, micros_after: after };
}
