import type { GatewayClient } from '../gateway.fixture.js';
import { ask, LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import type { Script } from '../scripted-model.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import type { TestWorkspace } from '../workspaces.fixture.js';
import { linesOf, MAIN_RUN_ID, OFFER_RUN } from './seed-004.fixture.js';

const AGENTS = '/api/v1/agents';
const NOTHING_INSIDE =
  /127\.0\.0\.1|node_modules|\.[jt]s\b|\bat \w+ \(|SELECT|INSERT|agents\.|\/srv|postgres/i;
let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  home = await agents.workspace();
  ({ client } = home);
});
afterAll(() => agents.close());

const run = (body: unknown, path = OFFER_RUN) => client.send(path, { method: 'POST', body });
const runScript = (script: Script) => run({ payload: script }, `${AGENTS}/${LEVELS[0]}/run`);

describe('GET /agents', () => {
  test('is a bare list of slug, title and description', async () => {
    const { status, json, headers } = await client.get(AGENTS);
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(json).toContainEqual({
      slug: 'offer-orchestrator-mag',
      title: 'OfferOrchestratorMAG',
      description: 'Generates tailored compensation offers.',
    });
    for (const agent of json) expect(Object.keys(agent)).toEqual(['slug', 'title', 'description']);
  });

  test('takes no query parameter', async () => {
    const { status, json } = await client.get(`${AGENTS}?limit=1`);
    expect([status, json.code]).toEqual([400, 'invalid_payload']);
  });
});

describe('POST /agents/{slug}/run', () => {
  test('answers the printed body, and its artifacts are there', async () => {
    const { status, json } = await run({
      ...{ payload: { role: 'Senior Engineer' }, request_id: 'optional-client-id' },
      metadata: { source: 'ci' },
    });
    expect(json.run_id).toMatch(MAIN_RUN_ID);
    expect([status, json]).toEqual([
      200,
      {
        run_id: json.run_id,
        slug: 'offer-orchestrator-mag',
        output: { offer: { role: 'Senior Engineer', base_salary_eur: 80_000, level: 'senior' } },
        artifacts: {
          summary: `/api/v1/runs/${json.run_id}`,
          logs: `/api/v1/runs/${json.run_id}/logs`,
        },
      },
    ]);
    const summary = await client.get(json.artifacts.summary);
    expect([summary.status, summary.json.run_id]).toEqual([200, json.run_id]);
    const logs = await client.get(json.artifacts.logs);
    expect([logs.status, linesOf(logs)[0]?.['run_id']]).toEqual([200, json.run_id]);
  });

  test('request_id and metadata are shown with the run, and left out where they were', async () => {
    const named = { request_id: 'optional-client-id', metadata: { source: 'ci', build: [7, null] } };
    const { json } = await run({ payload: { role: 'Engineer' }, ...named });
    expect((await client.get(json.artifacts.summary)).json.summary).toMatchObject(named);
    const plain = (await run({ payload: { role: 'Engineer' } })).json;
    const { summary } = (await client.get(plain.artifacts.summary)).json;
    expect(Object.keys(summary)).toEqual(['status', 'started_at', 'ended_at']);
  });

  test('404 agent_not_found for an unknown slug, and for an agent whose descriptor is gone', async () => {
    await agents.agent(home, 'short-lived', LEVELS.length, {});
    expect((await client.write('DELETE', `${AGENTS}/short-lived`, undefined)).status).toBe(204);
    for (const slug of ['nobody', 'short-lived', '__proto__', '..%2Fregistry']) {
      const { status, json } = await run({ payload: {} }, `${AGENTS}/${slug}/run`);
      expect([status, json]).toEqual([404, { code: 'agent_not_found', message: expect.any(String) }]);
    }
  });

  test.each<[string, unknown, string]>([
    ['no payload', {}, 'The payload field is required.'],
    ['a payload that is no object', { payload: 'x' }, 'The payload '],
    ['a member of the payload missing', { payload: {} }, 'The payload.role field is required.'],
    ['a member of another type', { payload: { role: 7 } }, 'The payload.role must be string.'],
    ['a member out of bounds', { payload: { role: 'x', experience_years: 61 } }, 'payload.experience_years'],
    ['a request_id that is no text', { payload: { role: 'x' }, request_id: 7 }, 'The request_id '],
    ['metadata that is no object', { payload: { role: 'x' }, metadata: 'ci' }, 'The metadata '],
    ['an unknown member', { payload: { role: 'x' }, files: [] }, 'files'],
    ['a list', [], 'The request '],
    ['no JSON', '{"payload":', 'JSON'],
    ['nothing', '', 'payload'],
  ])('400 invalid_payload for %s, naming it', async (_, body, told) => {
    const { status, json } = await run(body);
    expect([status, json]).toEqual([
      400,
      { code: 'invalid_payload', message: expect.stringContaining(told) },
    ]);
  });

  test('400 execution_failed for what goes wrong in the agent, and the log says why', async () => {
    const { status, json, text } = await runScript({ turns: [{ fault: 'refuses' }] });
    const [runId = ''] = /mag-[0-9a-f]{8}/.exec(text) ?? [];
    expect([status, json]).toEqual([
      400,
      {
        code: 'execution_failed',
        message: `The run failed: the model answered 400. See /api/v1/runs/${runId}/logs.`,
      },
    ]);
    const [end] = linesOf(await client.get(`/api/v1/runs/${runId}/logs?tail=1`));
    expect(end).toMatchObject({ event: 'error', data: { code: 'execution_failed' } });
  });

  test('400 execution_failed for an agent that gives up over its sub-agent', async () => {
    const below = ask(2, { turns: [{ fault: 'refuses' }] });
    const { status, json } = await runScript({ turns: [{ calls: [below] }, { fault: 'refuses' }] });
    expect([status, json.code]).toEqual([400, 'execution_failed']);
  });

  test('500 internal_error for what nobody expected, which tells nothing of the inside', async () => {
    const { database } = agents;
    await database.query(`CREATE FUNCTION public.seed_004_fault() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'no room for % in /srv/runs of agents.run', NEW.id; END $$`);
    await database.query(`CREATE TRIGGER seed_004_fault BEFORE INSERT ON agents.run FOR EACH ROW
      WHEN (NEW.workspace_id = ${home.id}) EXECUTE FUNCTION public.seed_004_fault()`);
    try {
      const { status, json, text } = await run({ payload: { role: 'Engineer' } });
      expect([status, json]).toEqual([500, { code: 'internal_error', message: expect.any(String) }]);
      expect(text).not.toMatch(NOTHING_INSIDE);
    } finally {
      await database.query('DROP FUNCTION public.seed_004_fault() CASCADE');
    }
  });
});
