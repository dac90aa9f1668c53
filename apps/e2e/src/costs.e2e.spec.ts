import type { GatewayClient } from './gateway.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const LIMITS = '/api/v1/cost-limits';
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
