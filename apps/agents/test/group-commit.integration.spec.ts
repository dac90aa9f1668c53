import { setTimeout as pause } from 'node:timers/promises';
import { agents } from '@magistry/contracts';
import type { LivePages } from '@magistry/messaging';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Clock } from '../src/domain/clock.js';
import { rootGrant } from '../src/domain/grant.js';
import { progressOf } from '../src/domain/progress.js';
import { EventWriter, ReservationRefused } from '../src/runner/event-writer.js';
import { GroupCommit } from '../src/runner/group-commit.js';
import { RunTracer } from '../src/runner/run-tracer.js';
import { appendAll } from '../src/storage/appending/append-statement.js';
import { lockTrees } from '../src/storage/appending/tree-locks.js';
import { Database } from '../src/storage/database.js';
import { type Lease, LeaseLost } from '../src/storage/lease.js';
import { RunLog } from '../src/storage/run-log.js';
import { insertRun, type NewRun } from '../src/storage/run-rows.js';
import { RunTraces } from '../src/storage/run-traces.js';
import { WORKSPACE_ID } from './agents.fixture.js';

const BUDGET_MICROS = 1_000;
const LEASE_MS = 5_000;
/** After which a query gives up a lock. */
const LOCK_WAIT_MS = 5_000;
const definition = agents.agentDefinition.parse({
  ...{ slug: 'clerk', title: 'Clerk', description: 'Writes.', payload_schema: { type: 'object' } },
  budget: { micros: BUDGET_MICROS },
});
/** Nobody follows these logs. */
const livePages = { publish: () => undefined } as unknown as LivePages;

let testDatabase: TestDatabase;
let database: Database;
let log: RunLog;
let commits: GroupCommit;
let admin: pg.Client;

beforeAll(async () => {
  testDatabase = await createTestDatabase('agents');
  database = new Database(testDatabase.url, () => undefined);
  log = new RunLog(database);
  commits = new GroupCommit(log, LEASE_MS);
  admin = new pg.Client({ connectionString: testDatabase.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

let made = 0;

async function begin(parent?: Lease): Promise<EventWriter> {
  made += 1;
  const id = `${parent ? 'sag' : 'mag'}-${made.toString(16).padStart(8, '0')}`;
  const run: NewRun = {
    ...{ workspaceId: WORKSPACE_ID, id, kind: parent ? 'sub' : 'main', definition, input: {} },
    grant: { ...rootGrant(definition), depth: parent ? 2 : 3 },
    caller: {
      ...{ requestId: 'r', principalId: 'p', actor: 'a', scopes: [] },
      workspace: { slug: 's', tier: 'standard' },
    },
    ...{ rootId: parent?.run.rootId ?? id, parentId: parent?.run.id ?? null },
    ...{ parentCallId: parent ? id : null, sessionOwner: null, sessionId: null, turn: null },
    ...{ keyHmac: null, fingerprint: null, createdAt: new Date(), deadlineAt: new Date(Date.now() + 60_000) },
  };
  await database.transactionAcross((transaction) =>
    insertRun(transaction, run, [{ event: { kind: 'started' }, isShown: true }], LEASE_MS),
  );
  const record = { ...run, status: 'running' as const, outcome: null, endedAt: null, eventId: 1 };
  return new EventWriter({ ...surroundings(), commits }, { run: record, epoch: 1 }, progressOf([]));
}

const surroundings = () => ({
  livePages,
  clock: new Clock(Date.now),
  tracer: new RunTracer(new RunTraces(database)),
});

const asked = (id: string) => ({ kind: 'tool-called' as const, id, tool: 'read', input: {} });
const reservation = (call: number, micros: number) => ({
  events: [{ kind: 'model-called' as const, call }],
  reserved: { call, model: 'm', priceVersion: 'v', micros },
});

async function kindsOf({ lease }: EventWriter): Promise<string[]> {
  return (await log.read(lease.run)).map(({ kind }) => kind);
}

async function reservedOf({ lease }: EventWriter): Promise<number> {
  const { rows } = await admin.query(
    'SELECT coalesce(sum(reserved_micros), 0)::int4 AS sum FROM cost_entry WHERE root_id = $1',
    [lease.run.rootId],
  );
  return rows[0].sum;
}

async function transactions(): Promise<number> {
  const { rows } = await admin.query(
    `SELECT count(DISTINCT xmin::text)::int4 AS count FROM run_event WHERE event ->> 'kind' = 'tool-called'`,
  );
  return rows[0].count;
}

test('what many runs write at once takes few commits, and each log is whole and dense', async () => {
  const before = await transactions();
  const writers = await Promise.all(Array.from({ length: 40 }, () => begin()));
  await Promise.all(writers.map((writer) => writer.commit({ events: [asked('a'), asked('b')] })));
  for (const writer of writers)
    expect(await kindsOf(writer)).toEqual(['started', 'tool-called', 'tool-called']);
  expect((await transactions()) - before).toBeLessThanOrEqual(2);
});

test('a run that another process has taken over loses its part of a commit, and the others nothing', async () => {
  const [lost, kept] = await Promise.all([begin(), begin()]);
  await admin.query('UPDATE run SET epoch = 2 WHERE id = $1', [lost.lease.run.id]);
  const results = await Promise.allSettled(
    [lost, kept].map((writer) => writer.commit({ events: [asked('a')] })),
  );
  expect(results).toEqual([
    { status: 'rejected', reason: expect.any(LeaseLost) },
    { status: 'fulfilled', value: undefined },
  ]);
  expect([await kindsOf(lost), await kindsOf(kept)]).toEqual([['started'], ['started', 'tool-called']]);
  await expect(lost.add(asked('b'))).rejects.toThrow(LeaseLost);
});

test('a row that somebody holds keeps its own run waiting, and fails no other', async () => {
  const [held, free] = await Promise.all([begin(), begin()]);
  await admin.query('BEGIN');
  await admin.query('SELECT FROM run WHERE id = $1 FOR UPDATE', [held.lease.run.id]);
  const first = held.commit({ events: [asked('a')] });
  await free.commit({ events: [asked('a')] });
  await admin.query('ROLLBACK');
  await first;
  expect([await kindsOf(held), await kindsOf(free)]).toEqual([
    ['started', 'tool-called'],
    ['started', 'tool-called'],
  ]);
});

test('a cost limit that somebody holds for long keeps the calls under it waiting, and fails none', async () => {
  const writers = await Promise.all([begin(), begin()]);
  await admin.query(`INSERT INTO cost_limit (workspace_id, period, micros_max, changed_at, period_start, used_micros)
    VALUES (${WORKSPACE_ID}, 'month', 1000000, now(), period_start('month', now()), 0)`);
  await admin.query('BEGIN; SELECT FROM cost_limit FOR UPDATE');
  const commits = Promise.all(writers.map((writer) => writer.commit(reservation(1, 10))));
  await pause(LOCK_WAIT_MS + 500);
  await admin.query('ROLLBACK');
  await commits;
  for (const writer of writers) {
    expect(await kindsOf(writer)).toEqual(['started', 'model-called']);
    expect(await reservedOf(writer)).toBe(10);
  }
  await admin.query('DELETE FROM cost_limit');
});

test('what the database refuses of one run is refused alone', async () => {
  const [bad, good] = await Promise.all([begin(), begin()]);
  const poison = { ...asked('a'), call: 0, kind: 'model-called' as const };
  const results = await Promise.allSettled([
    bad.commit({ events: [poison], reserved: { call: 1, model: 'm', priceVersion: 'v', micros: -1 } }),
    good.commit(reservation(1, 10)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect([await kindsOf(bad), await reservedOf(good)]).toEqual([['started'], 10]);
});

test('a reservation that does not fit is refused, and what happened before it is kept', async () => {
  const writer = await begin();
  await writer.commit(reservation(1, BUDGET_MICROS - 1));
  const before = writer.add({ kind: 'tool-answered', id: 'a', tool: 'read', output: 1 });
  await expect(writer.commit(reservation(2, 2))).rejects.toThrow(ReservationRefused);
  await before;
  await writer.drain();
  expect(await kindsOf(writer)).toEqual(['started', 'model-called', 'tool-answered']);
  await writer.commit(reservation(2, 1));
  expect(await reservedOf(writer)).toBe(BUDGET_MICROS);
});

test('two runs of one tree, in one process or two, never fit into the same rest of its budget', async () => {
  const other = new GroupCommit(new RunLog(database), LEASE_MS);
  for (let round = 0; round < 10; round += 1) {
    const root = await begin();
    const subs = await Promise.all([begin(root.lease), begin(root.lease), begin(root.lease)]);
    const elsewhere = subs.map(({ lease }, index) =>
      index === 0
        ? new EventWriter({ ...surroundings(), commits: other }, lease, progressOf([]))
        : subs[index],
    );
    const results = await Promise.allSettled(
      [root, ...elsewhere].map((writer) => writer?.commit(reservation(1, 400))),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect(await reservedOf(root)).toBe(800);
  }
});

test('a call that a crash broke off reserves once, however often it is begun', async () => {
  const writer = await begin();
  await writer.commit(reservation(1, 600));
  await writer.commit(reservation(1, 600));
  expect(await reservedOf(writer)).toBe(600);
});

test('what one run writes is planned a few times at most, with a reservation and without', async () => {
  const { lease } = await begin();
  const on = { query: async (query: pg.QueryConfig) => (await admin.query(query)).rows };
  const plans = `SELECT name, custom_plans::int4 AS made, generic_plans::int4 AS kept FROM pg_prepared_statements
    WHERE name IN ('append-to-run', 'lock-tree') ORDER BY name`;
  for (let call = 1; call <= 20; call += 1) {
    const addition = call % 2 ? reservation(call, 1) : { events: [asked(`call_${call}`)] };
    const append = { lease, addition, recordedAt: new Date() };
    await admin.query('BEGIN');
    if (call % 2) await lockTrees(on, [append], 'unless-limited');
    expect(await appendAll(on, [append], LEASE_MS)).toMatchObject([{ kind: 'appended' }]);
    await admin.query('COMMIT');
  }
  expect((await admin.query(plans)).rows).toEqual([
    { name: 'append-to-run', made: 5, kept: 15 },
    { name: 'lock-tree', made: 5, kept: 5 },
  ]);
});

test('a reservation is not made where its tree is not taken', async () => {
  const { lease } = await begin();
  const append = { lease, addition: reservation(1, 1), recordedAt: new Date() };
  expect(await appendAll(database.across, [append], LEASE_MS)).toEqual([{ kind: 'held' }]);
});
