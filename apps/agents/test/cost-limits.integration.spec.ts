import { fromBinary } from '@bufbuild/protobuf';
import { AuditEventSchema, agents } from '@magistry/contracts';
import { createTestDatabase, type RunningService, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { until } from './until.fixture.js';

const RUNS_AT_ONCE = 16;
const EVENING = Date.parse('2026-11-30T23:00:00Z');
const MIDNIGHT = Date.parse('2026-12-01T00:00:00Z');

interface Limit {
  readonly id: number;
  readonly principal: string | null;
  readonly used_micros: number;
  readonly available_micros: number;
  readonly reset_at: string;
}

const clerk = (slug: string, budget: object) =>
  agents.agentDefinition.parse({ slug, title: 'Clerk', description: 'Answers.', budget });
const CLERKS = [clerk('clerk', {}), clerk('frugal', { call_micros: 500 }), clerk('poor', { call_micros: 5 })];

let database: TestDatabase;
let admin: pg.Client;
/** Two processes, so that no lock of one does the work. */
let processes: RunningProcess[];
const clock = { now: EVENING };

beforeAll(async () => {
  database = await createTestDatabase('agents');
  admin = new pg.Client({ connectionString: database.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
  const options = { shippedAgents: CLERKS, now: () => clock.now };
  processes = [await startProcess(database.url, options), await startProcess(database.url, options)];
});
beforeEach(async () => {
  clock.now = EVENING;
  await admin.query('DELETE FROM cost_limit; DELETE FROM cost_entry');
});
afterAll(async () => {
  await Promise.all(processes.map((running) => running.stop()));
  await admin.end();
  await database.drop();
});

const any = (): RunningService => processes[0] as RunningProcess;

async function set(body: Record<string, unknown>, workspace = WORKSPACE_ID): Promise<Limit> {
  const { json } = await any().send(agents.setCostLimit, { body }, { id: workspace });
  return (json as { data: Limit }).data;
}

async function limits(workspace = WORKSPACE_ID): Promise<Limit[]> {
  const { json } = await any().send(agents.listCostLimits, {}, { id: workspace });
  return (json as { data: Limit[] }).data;
}

/** The run's cost, or what it was refused with. */
async function run(workspace = WORKSPACE_ID, slug = 'clerk'): Promise<string> {
  const request = { params: { slug }, body: { payload: { greeting: 'hello' } } };
  const refused = await any()
    .send(agents.runAgent, request, { id: workspace })
    .then(() => undefined)
    .catch((error: { code: string; message: string }) => error);
  return refused ? `${refused.code}: ${refused.message}` : 'done';
}

async function ledger(): Promise<{ micros: number; reserved: number }> {
  const { rows } = await admin.query(`
    SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)::int4 AS micros,
      coalesce(max(reserved_micros), 0)::int4 AS reserved FROM cost_entry WHERE workspace_id = ${WORKSPACE_ID}`);
  return rows[0];
}

test('a limit counts what was spent before it was set, and names when it opens again', async () => {
  await run();
  const { micros } = await ledger();
  expect(await set({ period: 'day', micros: 1_000_000 })).toMatchObject({
    ...{ principal: null, period: 'day', micros: 1_000_000, used_micros: micros },
    ...{ available_micros: 1_000_000 - micros, reset_at: '2026-12-01T00:00:00Z' },
  });
  await run();
  const [limit] = await limits();
  expect(limit?.used_micros).toBe((await ledger()).micros);
});

test('many runs at once, of two processes, never pass a limit', async () => {
  await run();
  const { micros: each, reserved } = await ledger();
  const microsMax = each + reserved + 5 * each;
  await set({ period: 'day', micros: microsMax });
  const all = Array.from({ length: RUNS_AT_ONCE }, () => run());
  let highest = 0;
  const watched = Promise.all(all);
  let isOver = false;
  void watched.finally(() => {
    isOver = true;
  });
  while (!isOver) highest = Math.max(highest, (await ledger()).micros);
  const results = await watched;
  expect(highest).toBeLessThanOrEqual(microsMax);
  const [limit] = await limits();
  expect(limit?.used_micros).toBe((await ledger()).micros);
  expect(limit?.used_micros).toBe(each * (1 + results.filter((result) => result === 'done').length));
  const refused = results.filter((result) => result !== 'done');
  expect(refused.length).toBeGreaterThan(0);
  for (const result of refused) {
    expect(result).toMatch(
      /^execution_failed: The run failed: the daily cost limit of the workspace \(\d\.\d{6} US /,
    );
    expect(result).toMatch(/it opens again at 2026-12-01T00:00:00Z\. See /);
  }
});

test('a run under a limit that is used up is refused before it begins', async () => {
  await set({ period: 'month', micros: 0 });
  expect(await run()).toMatch(
    /^usage_limit_exceeded: The monthly cost limit of the workspace \(0\.000000 US dollars\)/,
  );
  expect(await ledger()).toEqual({ micros: 0, reserved: 0 });
});

test('a limit is open again with the next day, and what was reserved before gives nothing back to it', async () => {
  await run();
  const { micros } = await ledger();
  await set({ period: 'day', micros });
  await set({ period: 'month', micros: 1_000_000 });
  expect(await run()).toMatch(/^usage_limit_exceeded/);
  clock.now = MIDNIGHT;
  expect((await limits()).map(({ used_micros }) => used_micros)).toEqual([0, 0]);
  await set({ period: 'day', micros: 1_000_000 });
  await run();
  expect((await limits()).map(({ used_micros }) => used_micros)).toEqual([micros, micros]);
});

test.each([
  ['frugal', 'done'],
  [
    'poor',
    expect.stringMatching(/^execution_failed: .* one model call may cost 5 micros, and its prompt alone/),
  ],
])('one model call of the %s clerk stays within its own budget', async (slug, result) => {
  expect(await run(WORKSPACE_ID, slug)).toEqual(result);
  expect((await ledger()).reserved).toBeLessThanOrEqual(500);
});

test('a limit of a key holds that key alone, and is one of several that all must allow', async () => {
  await set({ principal: 'key:1', period: 'day', micros: 0 });
  expect(await run()).toBe('done');
  const { micros } = await ledger();
  await set({ principal: 'system:test', period: 'day', micros: micros + 1 });
  await set({ period: 'day', micros: 1_000_000 });
  expect(await run()).toMatch(/^execution_failed: .* the daily cost limit of system:test \(/);
  const [ofOther, ofKey, ofWorkspace] = await limits();
  expect([ofOther?.used_micros, ofKey?.used_micros, ofWorkspace?.used_micros]).toEqual([
    0,
    (await ledger()).micros,
    (await ledger()).micros,
  ]);
});

test('runs of other workspaces know nothing of a limit', async () => {
  await set({ period: 'day', micros: 0 });
  expect(await run(8)).toBe('done');
  expect(await limits(8)).toEqual([]);
  const [limit] = await limits();
  const lifted = any().send(agents.deleteCostLimit, { params: { id: String(limit?.id) } }, { id: 8 });
  await expect(lifted).rejects.toMatchObject({ code: 'not_found' });
});

test('a lifted limit holds nobody any more', async () => {
  const { id } = await set({ period: 'day', micros: 0 });
  expect(await run()).toMatch(/^usage_limit_exceeded/);
  const { id: again } = await set({ period: 'day', micros: 1 });
  expect(again).toBe(id);
  await admin.query('DELETE FROM cost_limit');
  expect(await run()).toBe('done');
});

test('each change of a limit is recorded with what it was before, and what changes nothing is not', async () => {
  const { id } = await set({ principal: 'key:5', period: 'month', micros: 100 });
  await set({ principal: 'key:5', period: 'month', micros: 100 });
  await set({ principal: 'key:5', period: 'month', micros: 7_000 });
  await any().send(agents.deleteCostLimit, { params: { id: String(id) } });
  await set({ period: 'day', micros: 1 });
  const { rows } = await admin.query(
    'SELECT workspace_id, action, actor, subject, details FROM audit_outbox ORDER BY number DESC LIMIT 4',
  );
  const told = (before: number | null, after: number | null) => ({
    ...{ workspace_id: WORKSPACE_ID, actor: 'system:test', subject: 'key:5' },
    action: after === null ? 'cost_limit.removed' : 'cost_limit.set',
    details: { cost_limit: id, period: 'month', micros_before: before, micros_after: after },
  });
  expect(rows.reverse()).toEqual([
    ...[told(null, 100), told(100, 7_000), told(7_000, null)],
    expect.objectContaining({ action: 'cost_limit.set', subject: `workspace:${WORKSPACE_ID}` }),
  ]);
});

test('a limit and its record are one commit', async () => {
  await admin.query('BEGIN; LOCK TABLE audit_outbox IN EXCLUSIVE MODE');
  const setting = set({ period: 'day', micros: 5 });
  await until('the record waits', async () => {
    const { rows } = await admin.query(
      `SELECT FROM pg_locks WHERE relation = 'audit_outbox'::regclass AND NOT granted`,
    );
    return rows.length > 0;
  });
  expect(await limits()).toEqual([]);
  await admin.query('COMMIT');
  const limit = await setting;
  expect(await limits()).toEqual([limit]);
});

test('what is recorded is read by whoever follows, once and in order', async () => {
  for (const micros of [1, 2, 3]) await set({ principal: 'key:6', period: 'day', micros });
  const { events, lastPosition } = await any().call(agents.readOutbox, { shard: 0, afterPosition: 0n });
  expect(Number(lastPosition)).toBe(events.length);
  const last = events.slice(-3).map((bytes) => fromBinary(AuditEventSchema, bytes));
  expect(last.map(({ detailsJson }) => JSON.parse(detailsJson).micros_after)).toEqual([1, 2, 3]);
});

test.each([
  [{ period: 'week', micros: 1 }, 'period'],
  [{ period: 'day', micros: -1 }, 'micros'],
  [{ period: 'day', micros: 0.5 }, 'micros'],
  [{ period: 'day', micros: 1, principal: 'not one' }, 'principal'],
  [{ period: 'day', micros: 1, principal: 'key:1', integration: 1 }, 'integration'],
  [{ period: 'day', micros: 1, integration: 99 }, 'integration'],
])('the limit %j is refused by its field', async (body, path) => {
  await expect(set(body)).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path }] });
});
