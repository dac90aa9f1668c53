import { agents } from '@magistry/contracts';
import { createTestDatabase, type SentRequest, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Clock } from '../src/domain/clock.js';
import type { RunRecord } from '../src/domain/run.js';
import { AbandonedCalls } from '../src/runner/abandoned-calls.js';
import { CostLedger } from '../src/storage/cost-ledger.js';
import { Database } from '../src/storage/database.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';

const LEASE_MS = 6_000;
const NOON = Date.parse('2026-11-24T12:00:00Z');

const clerk = agents.agentDefinition.parse({ slug: 'clerk', title: 'Clerk', description: 'Answers.' });
const clock = { now: NOON };
let place: TestDatabase;
let admin: pg.Client;
let running: RunningProcess;
let database: Database;
let costs: CostLedger;

beforeAll(async () => {
  place = await createTestDatabase('agents');
  admin = new pg.Client({ connectionString: place.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
  running = await startProcess(place.url, { shippedAgents: [clerk], now: () => clock.now });
  database = new Database(place.url, () => undefined);
  costs = new CostLedger(database);
});
beforeEach(() => {
  clock.now += 24 * 60 * 60 * 1_000;
});
afterAll(async () => {
  await running.stop();
  await database.close();
  await admin.end();
  await place.drop();
});

const process = () => new AbandonedCalls(costs, new Clock(() => clock.now), LEASE_MS);

/** A run that a process has left within its only model call, by dying. */
async function leftRun(asker?: SentRequest['asker']): Promise<string> {
  const request = { params: { slug: 'clerk' }, body: { payload: { greeting: 'hello' } } };
  const asked = { ...request, ...(asker && { asker }) };
  const { json } = await running.send(agents.runAgent, asked);
  const { run_id } = json as { run_id: string };
  await admin.query('ALTER TABLE run DISABLE TRIGGER keep_ended_run');
  await admin.query(
    `UPDATE run SET status = 'running', ended_at = NULL, leased_until = now() + interval '1 hour' WHERE id = $1`,
    [run_id],
  );
  await admin.query('ALTER TABLE run ENABLE TRIGGER keep_ended_run');
  await admin.query(
    `UPDATE cost_entry SET spent_micros = NULL, prompt_tokens = NULL, completion_tokens = NULL, settled_at = NULL
     WHERE run_id = $1`,
    [run_id],
  );
  return run_id;
}

const cancel = (run_id: string) => running.send(agents.cancelRun, { params: { run_id } });

/** What the call costs by everything that tells it; `open` is what of that nobody has settled. */
async function told(run_id: string) {
  const day = new Date(clock.now).toISOString().slice(0, 10);
  const { json: run } = await running.send(agents.getRun, { params: { run_id } });
  const { json: usage } = await running.send(agents.getUsage, { query: `from=${day}&to=${day}` });
  const { json: limits } = await running.send(agents.listCostLimits, {});
  const { total } = (usage as { data: { total: { cost_micros: number; open: { reserved_micros: number } } } })
    .data;
  const [limit] = (limits as { data: { used_micros: number }[] }).data;
  return {
    run: (run as { metrics: { cost_micros: number } }).metrics.cost_micros,
    usage: total.cost_micros,
    open: total.open.reserved_micros,
    limit: limit?.used_micros,
  };
}

test('a call whose process died with its cancelled run is charged as reserved, and all sums say so', async () => {
  await running.send(agents.setCostLimit, { body: { period: 'day', micros: 1_000_000 } });
  const id = await leftRun();
  const { open: reserved } = await told(id);
  expect(reserved).toBeGreaterThan(0);

  await process().settle();
  expect(await told(id)).toEqual({ run: reserved, usage: 0, open: reserved, limit: reserved });
  await cancel(id);
  await process().settle();
  expect(await told(id)).toEqual({ run: reserved, usage: 0, open: reserved, limit: reserved });

  clock.now += 2 * LEASE_MS + 1;
  await Promise.all([process().settle(), process().settle()]);
  expect(await told(id)).toEqual({ run: reserved, usage: reserved, open: 0, limit: reserved });
});

test('a call that was left by a key counts for its maker as reserved, before it is settled and after', async () => {
  const body = { principal: 'key:1', period: 'day', micros: 1_000_000 };
  await running.send(agents.setCostLimit, { body });
  const limit = async () => {
    const { json } = await running.send(agents.listCostLimits, {});
    const { data } = json as { data: { principal: string | null; used_micros: number }[] };
    return data.find(({ principal }) => principal === 'key:1')?.used_micros;
  };
  const id = await leftRun({ id: 'key:2', makerIds: ['key:1'] });
  const { open: reserved } = await told(id);
  expect([reserved > 0, await limit()]).toEqual([true, reserved]);
  await cancel(id);
  clock.now += 2 * LEASE_MS + 1;
  await process().settle();
  expect([await told(id), await limit()]).toEqual([expect.objectContaining({ usage: reserved }), reserved]);
});

test('what a process settles that was only slow changes nothing any more', async () => {
  const id = await leftRun();
  await cancel(id);
  clock.now += 2 * LEASE_MS + 1;
  await process().settle();
  const settled = await told(id);
  const late = { call: 1, usage: { promptTokens: 1, completionTokens: 1 }, micros: 1 };
  const run = { workspaceId: WORKSPACE_ID, id } as RunRecord;
  await costs.settleUnanswered({ run, epoch: 1 }, late, new Date(clock.now));
  expect(await told(id)).toEqual(settled);
});

test('what was left days ago is found by the first look of a process', async () => {
  const id = await leftRun();
  await cancel(id);
  clock.now += 3 * 24 * 60 * 60 * 1_000;
  const looking = process();
  await looking.settle();
  const { rows } = await admin.query('SELECT run_id FROM cost_entry WHERE settled_at IS NULL');
  expect(rows).toEqual([]);
});
