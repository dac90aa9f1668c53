import { agents } from '@magistry/contracts';
import { type RunningAgents, startAgents } from './agents.fixture.js';

let running: RunningAgents;

beforeAll(async () => {
  running = await startAgents();
});
afterAll(() => running.stop());

const OFFER = { params: { slug: 'offer-orchestrator-mag' } };

async function run(payload: Record<string, unknown>): Promise<{ run_id: string; output: unknown }> {
  const { json } = await running.send(agents.runAgent, { ...OFFER, body: { payload } });
  return json as { run_id: string; output: unknown };
}

test('the registry lists the shipped agents as seed 004 prints them', async () => {
  const { json } = await running.send(agents.listAgents, {});
  expect(json).toContainEqual({
    slug: 'offer-orchestrator-mag',
    title: 'OfferOrchestratorMAG',
    description: 'Generates tailored compensation offers.',
  });
});

test('a run answers with its id, its output and where its artifacts are', async () => {
  const { status, json } = await running.send(agents.runAgent, {
    ...OFFER,
    body: {
      payload: { role: 'Senior Engineer' },
      request_id: 'optional-client-id',
      metadata: { source: 'ci' },
    },
  });
  const { run_id } = json as { run_id: string };
  expect(run_id).toMatch(/^mag-[0-9a-f]{8}$/);
  expect({ status, json }).toEqual({
    status: 200,
    json: {
      run_id,
      slug: 'offer-orchestrator-mag',
      output: { offer: { role: 'Senior Engineer', base_salary_eur: 80_000, level: 'senior' } },
      artifacts: { summary: `/api/v1/runs/${run_id}`, logs: `/api/v1/runs/${run_id}/logs` },
    },
  });
});

test('the log tells of the delegation, the log of the sub-run of its tool', async () => {
  const { run_id } = await run({ role: 'Staff Engineer', experience_years: 12 });
  const entries = await running.events(run_id);
  expect(entries.map(({ event }) => event)).toEqual([
    ...['start', 'model_call', 'delegation', 'delegation_result', 'model_call', 'finish'],
  ]);
  const delegation = entries.find(({ event }) => event === 'delegation');
  expect(delegation?.data).toMatchObject({
    sag: 'compensation-advisor-sag',
    run_id: expect.stringMatching(/^sag-[0-9a-f]{8}$/),
  });
  const below = await running.events(String(delegation?.data['run_id']));
  expect(below.map(({ event }) => event)).toEqual([
    ...['start', 'model_call', 'tool_call', 'tool_result', 'model_call', 'finish'],
  ]);
  expect(below[0]?.parent_span_id).toBe(delegation?.span_id);
});

test('the summary has what the run took, and its tree', async () => {
  const { run_id } = await run({ role: 'Engineer' });
  const { json } = await running.send(agents.getRun, { params: { run_id } });
  const shown = agents.getRun.responses[200]?.parse(json) as { metrics: Record<string, number> };
  expect(json).toMatchObject({ summary: { status: 'success' }, metrics: { model_calls: 2 }, has_logs: true });
  expect(shown.metrics['tree_cost_micros']).toBeGreaterThan(shown.metrics['cost_micros'] ?? 0);
});

test('a payload that does not fit the schema is refused by field, and begins nothing', async () => {
  const asked = running.send(agents.runAgent, { ...OFFER, body: { payload: { role: '' } } }, { id: 12 });
  await expect(asked).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'payload.role' }],
  });
  expect((await running.send(agents.listRuns, {}, { id: 12 })).json).toEqual({ data: [] });
});

test('an unknown agent is agent_not_found', async () => {
  const asked = running.send(agents.runAgent, { params: { slug: 'nobody' }, body: { payload: {} } });
  await expect(asked).rejects.toMatchObject({ code: 'agent_not_found' });
});

test.each(['../etc/passwd', 'MAG-1', 'mag_1', ''])('the run id %j is invalid_run_id', async (run_id) => {
  const asked = running.send(agents.getRun, { params: { run_id } });
  await expect(asked).rejects.toMatchObject({ code: 'invalid_run_id' });
});

test.each([agents.getRun, agents.getRunLogs, agents.cancelRun])(
  'a run of another workspace is not_found by $name',
  async (operation) => {
    const { run_id } = await run({ role: 'Engineer' });
    const asked = running.send(operation, { params: { run_id } }, { id: 8 });
    await expect(asked).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('the log of another workspace cannot be read by its name', async () => {
  const { run_id } = await run({ role: 'Engineer' });
  const asked = running.call(agents.readEvents, { name: `8.${run_id}`, after: 0 });
  await expect(asked).rejects.toMatchObject({ code: 'not_found' });
});

test('an ended run stays as it ended when it is cancelled', async () => {
  const { run_id } = await run({ role: 'Engineer' });
  const { status, json } = await running.send(agents.cancelRun, { params: { run_id } });
  expect([status, json]).toEqual([202, { run_id, status: 'success' }]);
  expect((await running.events(run_id)).at(-1)?.event).toBe('finish');
});
