import { agents } from '@magistry/contracts';
import pg from 'pg';
import { type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';

const FIRST_DAY = '2026-11-24';
const NEXT_DAY = '2026-11-25';
const ROLES = ['Engineer', 'Senior Engineer', 'Staff Engineer', 'Principal Engineer'];

let running: RunningAgents;
let admin: pg.Client;
const clock = { now: Date.parse(`${FIRST_DAY}T23:59:00Z`) };

interface Amounts {
  readonly cost_micros: number;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly model_calls: number;
  readonly open: { readonly model_calls: number; readonly reserved_micros: number };
}
interface Usage {
  readonly total: Amounts;
  readonly groups: readonly (Amounts & { readonly name: string })[];
}
interface Metrics extends Amounts {
  readonly tree_cost_micros: number;
}

beforeAll(async () => {
  running = await startAgents({ now: () => clock.now });
  admin = new pg.Client({ connectionString: running.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await running.stop();
});

async function run(role: string): Promise<string> {
  const request = { params: { slug: 'offer-orchestrator-mag' }, body: { payload: { role } } };
  const { json } = await running.send(agents.runAgent, request);
  return (json as { run_id: string }).run_id;
}

async function usage(query: string, workspace?: { id: number }): Promise<Usage> {
  const { json } = await running.send(agents.getUsage, { query }, workspace);
  return (json as { data: Usage }).data;
}

async function metricsOf(runId: string): Promise<Metrics> {
  const { json } = await running.send(agents.getRun, { params: { run_id: runId } });
  return (json as { metrics: Metrics }).metrics;
}

/** What the lines of a run's log say that its calls cost, its sub-run's too. */
async function loggedMicros(runId: string): Promise<number> {
  let micros = 0;
  for (const { event, data } of await running.events(runId)) {
    if (event === 'model_call') micros += Number(data['cost_micros']);
    if (event === 'delegation') micros += await loggedMicros(String(data['run_id']));
  }
  return micros;
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

test('runs, their logs and the usage of their days agree to the unit, however they are added up', async () => {
  const first = await Promise.all(ROLES.slice(0, 3).map(run));
  clock.now = Date.parse(`${NEXT_DAY}T00:00:30Z`);
  const second = await Promise.all(ROLES.slice(3).map(run));
  const treeMicros = async (runIds: readonly string[]) =>
    sum((await Promise.all(runIds.map(metricsOf))).map((metrics) => metrics.tree_cost_micros));
  const { total, groups } = await usage(`from=${FIRST_DAY}&to=${NEXT_DAY}`);
  expect(groups.map(({ name, cost_micros }) => [name, cost_micros])).toEqual([
    [FIRST_DAY, await treeMicros(first)],
    [NEXT_DAY, await treeMicros(second)],
  ]);
  expect(total.cost_micros).toBe(sum(await Promise.all([...first, ...second].map(loggedMicros))));
  expect(total.model_calls).toBe(ROLES.length * 4);
  for (const grouping of ['agent', 'principal', 'model']) {
    const other = await usage(`from=${FIRST_DAY}&to=${NEXT_DAY}&group_by=${grouping}`);
    expect(other.total).toEqual(total);
    expect(sum(other.groups.map(({ cost_micros }) => cost_micros))).toBe(total.cost_micros);
    expect(sum(other.groups.map(({ prompt_tokens }) => prompt_tokens))).toBe(total.prompt_tokens);
  }
  const byAgent = await usage(`from=${NEXT_DAY}&to=${NEXT_DAY}&group_by=agent`);
  const [metrics] = await Promise.all(second.map(metricsOf));
  const main = byAgent.groups.find(({ name }) => name === 'offer-orchestrator-mag');
  expect(main?.cost_micros).toBe(metrics?.cost_micros);
});

test('a call that has not ended stands apart, with what it may cost at most', async () => {
  const before = await usage(`from=${NEXT_DAY}&to=${NEXT_DAY}`);
  await admin.query(
    `INSERT INTO agents.cost_entry (workspace_id, run_id, call, root_id, slug, principal_id, model, price_version,
       reserved_micros, reserved_at) VALUES ($1, 'mag-0', 1, 'mag-0', 'host', 'key:1', 'm', 'v', 777, $2)`,
    [WORKSPACE_ID, `${NEXT_DAY}T12:00:00Z`],
  );
  const { total } = await usage(`from=${NEXT_DAY}&to=${NEXT_DAY}`);
  expect(total).toEqual({ ...before.total, open: { model_calls: 1, reserved_micros: 777 } });
});

test('of more groups than are shown the dearest are, and the total has them all', async () => {
  await admin.query(
    `INSERT INTO agents.cost_entry SELECT 9, 'mag-' || n, 1, 'mag-' || n, 'agent-' || n, 'key:1', 'm', 'v', n, n, 1, 1,
       $1, $1 FROM generate_series(1, 501) n`,
    [`${NEXT_DAY}T12:00:00Z`],
  );
  const { json } = await running.send(agents.getUsage, { query: 'group_by=agent' }, { id: 9 });
  const { data } = json as { data: Usage & { has_more: boolean } };
  expect(data).toMatchObject({ has_more: true, total: { cost_micros: (501 * 502) / 2, model_calls: 501 } });
  expect(data.groups.map(({ cost_micros }) => cost_micros)).toEqual(
    Array.from({ length: 500 }, (_, n) => 501 - n),
  );
});

test('another workspace has used nothing', async () => {
  const { total, groups } = await usage(`from=${FIRST_DAY}`, { id: 8 });
  expect([total.cost_micros, total.model_calls, groups]).toEqual([0, 0, []]);
});

test.each([
  'from=2026-02-30',
  'from=2026-11-25&to=2026-11-24',
  'from=2026-01-01&to=2026-11-01',
  'group_by=run',
])('the period %s is refused', async (query) => {
  await expect(running.send(agents.getUsage, { query })).rejects.toMatchObject({ code: 'validation_failed' });
});
