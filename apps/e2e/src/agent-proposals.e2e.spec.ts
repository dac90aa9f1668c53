import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { eventually } from './eventually.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const RUN = '/api/v1/agents/pricing-assistant/run';
const DONE_MS_MAX = 20_000;
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let database: pg.Client;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await workspaces.close();
});

const aSku = () => `coat-${randomUUID()}`;
const wish = (sku: string) => ({
  payload: { question: `Propose a price change of -6 EUR for ${sku} on evidence of tier A.` },
});
const decisionsOn = (sku: string) => readLedger(home.client, `&subject=${sku}`);

/** What a run's tool was given and gave. */
async function toolEventsOf(client: GatewayClient, runId: string) {
  const { text } = await client.get(`/api/v1/runs/${runId}/logs`);
  const entries = text.split('\n').filter(Boolean);
  return entries.map((line) => JSON.parse(line)).filter(({ event }) => event.startsWith('tool'));
}

test('an agent proposes once, in the name of whoever asked it, and says what was decided', async () => {
  const sku = aSku();
  const { status, json } = await home.client.write('POST', RUN, wish(sku));
  expect([status, json.output.text]).toEqual([200, expect.stringContaining('status APPLIED')]);
  const direct = await home.client.propose({
    ...{ action: 'PRICE_CHANGE', sku: aSku(), delta_eur: -1, evidence_tier: 'A' },
    evidence_ref: 'test://direct/1',
  });
  const own = await home.client.get(`/v1/decisions/${direct.json.decision_id}`);
  expect(await decisionsOn(sku)).toMatchObject([
    { status: 'APPLIED', action: 'PRICE_CHANGE', agent: own.json.agent, applied_by: own.json.applied_by },
  ]);
});

test('a caller without the scope is not offered the tool, nor is who speaks to its integration', async () => {
  const sku = aSku();
  const key = await workspaces.createKey(home.id, [
    'runs:write',
    'runs:read',
    'messages:write',
    'integrations:write',
  ]);
  const without = home.client.withKey(key);
  const { json } = await without.write('POST', RUN, wish(sku));
  expect(await toolEventsOf(without, json.run_id)).toEqual([]);
  const bound = { name: 'Widget', agent: 'pricing-assistant' };
  const made = await without.write('POST', '/api/v1/integrations', bound);
  const widget = home.client.withKey(made.json.data.key);
  const said = await widget.write('POST', '/api/v1/messages', { content: wish(sku).payload.question });
  expect([said.status, said.json.tool_calls]).toEqual([200, []]);
  expect(await decisionsOn(sku)).toEqual([]);
});

test('a proposal that the planner refuses is told with its fields', async () => {
  const question = 'Propose a discount test of 95 percent for wool-scarf on evidence of tier A.';
  const { json } = await home.client.write('POST', RUN, { payload: { question } });
  expect(json.output.text).toContain('discount_percent');
});

test('while the kill switch is engaged, the agent tells that it was rejected', async () => {
  const other = await workspaces.create();
  const { json } = await other.client.write('POST', RUN, wish(aSku()));
  expect(json.output.text).toMatch(/status REJECTED.*kill_switch/);
});

test('a process that dies between the decision and its note leaves one decision', async () => {
  const sku = aSku();
  await closeGate();
  try {
    const begun = await home.client.write('POST', RUN, wish(sku), { prefer: 'respond-async' });
    await eventually(DONE_MS_MAX, async () => expect(await decisionsOn(sku)).toHaveLength(1));
    await killProcess(system, 'agents');
    await openGate();
    await eventually(DONE_MS_MAX, async () => {
      const { json } = await home.client.get(`/api/v1/runs/${begun.json.run_id}`);
      expect(json.summary.status).toBe('success');
    });
    const [called, answered, ...more] = await toolEventsOf(home.client, begun.json.run_id);
    const [decision, ...others] = await decisionsOn(sku);
    expect([called.event, answered.data.output.decision_id, more]).toEqual([
      'tool_call',
      decision?.decision_id,
      [],
    ]);
    expect(others).toEqual([]);
  } finally {
    await openGate();
  }
}, 60_000);

/** From now on no result of a tool is kept in the home workspace. */
async function closeGate(): Promise<void> {
  await database.query(`
    CREATE FUNCTION agents.close_gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE 'the gate is closed'; END $$;
    CREATE TRIGGER close_gate BEFORE INSERT ON agents.run_event FOR EACH ROW
      WHEN (NEW.workspace_id = ${home.id} AND NEW.event ->> 'kind' = 'tool-answered')
      EXECUTE FUNCTION agents.close_gate();`);
}

async function openGate(): Promise<void> {
  await database.query('DROP FUNCTION IF EXISTS agents.close_gate() CASCADE');
}
