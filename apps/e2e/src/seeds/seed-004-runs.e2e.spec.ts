import { eventually } from '../eventually.fixture.js';
import type { GatewayClient } from '../gateway.fixture.js';
import { ask, LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import type { TestWorkspace } from '../workspaces.fixture.js';
import { linesOf, MAIN_RUN_ID, OFFER_RUN, SUB_RUN_ID } from './seed-004.fixture.js';

const RUNS = '/api/v1/runs';
const END_MS_MAX = 10_000;
const COUNT = expect.any(Number);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  home = await agents.workspace();
  ({ client } = home);
});
afterAll(() => agents.close());

async function offer(): Promise<string> {
  const { json } = await client.write('POST', OFFER_RUN, { payload: { role: 'Senior Engineer' } });
  return json.run_id;
}

/** The id of the sub-run that a run has asked for. */
async function subRunOf(runId: string): Promise<string> {
  const entries = linesOf(await client.get(`${RUNS}/${runId}/logs`));
  const [delegation] = entries.filter(({ event }) => event === 'delegation');
  if (!delegation) throw new Error(`${runId} has asked nobody`);
  return (delegation['data'] as { run_id: string }).run_id;
}

test('GET /runs/{run_id} is the printed body: id, slug, summary, metrics and has_logs', async () => {
  const runId = await offer();
  const { status, json } = await client.get(`${RUNS}/${runId}`);
  expect([status, json]).toEqual([
    200,
    {
      run_id: runId,
      slug: 'offer-orchestrator-mag',
      summary: { status: 'success', started_at: INSTANT, ended_at: INSTANT },
      metrics: {
        ...{ latency_ms: COUNT, model_calls: 2, prompt_tokens: COUNT, completion_tokens: COUNT },
        ...{ cost_micros: COUNT, tree_cost_micros: COUNT },
      },
      has_logs: true,
    },
  ]);
  const { started_at, ended_at } = json.summary;
  // Instants are shown in whole seconds.
  const shownMs = Date.parse(ended_at) - Date.parse(started_at);
  expect(Math.abs(json.metrics.latency_ms - shownMs)).toBeLessThan(1_000);
  expect(json.metrics.latency_ms).toBeGreaterThan(0);
});

test('a main run is mag- and eight hex digits, its sub-run sag- and eight, and is read in the same way', async () => {
  const runId = await offer();
  expect(runId).toMatch(MAIN_RUN_ID);
  const subRunId = await subRunOf(runId);
  expect(subRunId).toMatch(SUB_RUN_ID);
  const { status, json } = await client.get(`${RUNS}/${subRunId}`);
  expect([status, json]).toMatchObject([
    200,
    { run_id: subRunId, slug: 'compensation-advisor-sag', summary: { status: 'success' }, has_logs: true },
  ]);
  const entries = linesOf(await client.get(`${RUNS}/${subRunId}/logs`));
  expect(new Set(entries.map((entry) => entry['run_id']))).toEqual(new Set([subRunId]));
});

test('a run that goes on is read as running, and can be polled until it has ended', async () => {
  const script = { turns: [{ says: 'Not before it has said this all.', wordMs: 500 }] };
  const path = `/api/v1/agents/${LEVELS[0]}/run`;
  const { json } = await client.write('POST', path, { payload: script }, { prefer: 'respond-async' });
  const during = await client.get(`${RUNS}/${json.run_id}`);
  expect([during.status, during.json.summary.status, during.json.summary.ended_at]).toEqual([
    ...[200, 'running', null],
  ]);
  await eventually(END_MS_MAX, async () => {
    const { summary } = (await client.get(`${RUNS}/${json.run_id}`)).json;
    expect(summary.status).toBe('success');
  });
});

test('a run that failed is read with its error', async () => {
  const payload = { turns: [{ fault: 'refuses' }] } as const;
  const runId = await agents.begin(home, LEVELS[0], payload, 'a-run-that-fails');
  await eventually(END_MS_MAX, async () => {
    const { json } = await client.get(`${RUNS}/${runId}`);
    expect(json.summary).toMatchObject({
      status: 'failed',
      error: { code: 'execution_failed', message: 'The run failed: the model answered 400.' },
    });
  });
});

test('a run whose log was erased with its session has none', async () => {
  const wanted = { name: 'Widget', agent: LEVELS[0] };
  const { json } = await client.write('POST', '/api/v1/integrations', wanted);
  const talk = client.withKey(json.data.key);
  const turns = [{ calls: [ask(2, { turns: [{ says: 'Below.' }] })] }, { says: 'Done.' }];
  const message = { content: JSON.stringify({ turns }), session_id: 'to-be-erased' };
  expect((await talk.write('POST', '/api/v1/messages', message)).status).toBe(200);
  const { rows } = await agents.database.query(
    `SELECT id FROM agents.run WHERE workspace_id = $1 AND kind = 'sub' AND root_id IN (
       SELECT id FROM agents.run WHERE workspace_id = $1 AND session_id = 'to-be-erased')`,
    [home.id],
  );
  const path = `${RUNS}/${rows[0].id}`;
  expect((await client.get(path)).json.has_logs).toBe(true);
  expect((await talk.write('DELETE', '/api/v1/sessions/to-be-erased', undefined)).status).toBe(204);
  expect((await client.get(path)).json.has_logs).toBe(false);
  const logs = await client.get(`${path}/logs`);
  expect([logs.status, logs.text]).toEqual([200, '']);
});

describe.each(['', '/logs', '/logs?follow=true'])('%s', (below) => {
  test.each([
    ...[
      '..%2F..%2Fetc%2Fpasswd',
      '%2e%2e%2f%2e%2e%2fetc',
      '..',
      '%2e%2e',
      '..%5C..%5Cetc',
      '%252e%252e%252f',
    ],
    ...[
      'mag-a1b2c3d4%00',
      'mag-a1b2c3d4.json',
      'MAG-A1B2C3D4',
      'mag_a1b2c3d4',
      'mag-a1b2%0Ac3d4',
      '%C3%A4',
      '*',
    ],
  ])('400 invalid_run_id for %s', async (runId) => {
    const { status, json, text } = await client.get(`${RUNS}/${runId}${below}`);
    expect([status, json]).toEqual([400, { code: 'invalid_run_id', message: expect.any(String) }]);
    expect(text).not.toMatch(/etc|passwd/);
  });

  test.each(['mag-00000000', 'mag-20240101-abcdef', 'sag-00000000', 'run', `mag-${'0'.repeat(60)}`])(
    '404 not_found for %s',
    async (runId) => {
      const { status, json } = await client.get(`${RUNS}/${runId}${below}`);
      expect([status, json]).toEqual([404, { code: 'not_found', message: expect.any(String) }]);
    },
  );

  test('404 not_found for a run of another workspace', async () => {
    const other = await agents.workspaces.create();
    const { status, json } = await other.client.get(`${RUNS}/${await offer()}${below}`);
    expect([status, json.code]).toEqual([404, 'not_found']);
  });
});

test('a path that climbs out of the runs leads nowhere', async () => {
  for (const path of [`${RUNS}/../../etc/passwd`, `${RUNS}/../../../etc/passwd`]) {
    const { status, json } = await client.get(path);
    expect([status, json.code ?? json.error]).toEqual([404, 'not_found']);
  }
});
