import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import fc from 'fast-check';
import pg from 'pg';
import type { Append, Appended } from '../src/storage/appending/appends.js';
import { CostLimitStore } from '../src/storage/cost-limit-store.js';
import { Database } from '../src/storage/database.js';
import type { Addition, Lease } from '../src/storage/lease.js';
import { RunLog } from '../src/storage/run-log.js';
import { WORKSPACE_ID } from './agents.fixture.js';
import { leasedRun } from './leased-run.fixture.js';

/** Each append is a commit of its own, as if of a process of its own. */
const AT_ONCE = 16;
const ROUNDS = 8;
const LEASE_MS = 60_000;
const OTHER_WORKSPACE_ID = 8;
const NOW = new Date('2026-11-30T23:00:00Z');

let testDatabase: TestDatabase;
let database: Database;
let log: RunLog;
let limits: CostLimitStore;
let admin: pg.Client;

beforeAll(async () => {
  testDatabase = await createTestDatabase('agents');
  database = new Database(testDatabase.url, () => undefined);
  log = new RunLog(database);
  limits = new CostLimitStore(database);
  admin = new pg.Client({ connectionString: testDatabase.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
});
beforeEach(() => admin.query('DELETE FROM cost_limit; DELETE FROM cost_entry'));
afterAll(async () => {
  await admin.end();
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

let made = 0;

function begin(principalId = 'key:1', workspaceId = WORKSPACE_ID, makerIds?: readonly string[]) {
  made += 1;
  const spender = { principalId, ...(makerIds && { makerIds }) };
  return leasedRun(database, { nth: made, workspaceId, spender, now: NOW, leaseMs: LEASE_MS });
}

const reservation = (micros: number, call = 1): Addition => ({
  events: [],
  reserved: { call, model: 'm', priceVersion: 'v', micros },
});
const settlement = (micros: number, call = 1): Addition => ({
  events: [],
  settled: { call, micros, usage: { promptTokens: 1, completionTokens: 1 } },
});

/** As `GroupCommit`, again where somebody had a row at this moment, or a limit was not known of. */
async function append(lease: Lease, addition: Addition, recordedAt = NOW): Promise<Appended['kind']> {
  for (;;) {
    const [result] = await log.append([{ lease, addition, recordedAt }], LEASE_MS);
    if (result?.kind !== 'held') return result?.kind ?? 'lease-lost';
  }
}

const set = (microsMax: number, principalId: string | null = null, workspaceId = WORKSPACE_ID) =>
  database.transactionIn(workspaceId, (transaction) =>
    limits.set(transaction, workspaceId, { principalId, period: 'day', microsMax }, 10, NOW),
  );

/** What each limit says that is used of it, and what the ledger says. */
async function usedAndLedger(): Promise<[number, number][]> {
  const { rows } = await admin.query(`
    SELECT used_micros::int4 AS used, (
      SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)::int4 FROM cost_entry c
      WHERE c.workspace_id = l.workspace_id
        AND (l.principal_id IS NULL OR l.principal_id = c.principal_id OR l.principal_id = ANY (c.maker_ids))
        AND reserved_at >= period_start) AS ledger
    FROM cost_limit l ORDER BY id`);
  return rows.map(({ used, ledger }) => [used, ledger]);
}

test('of calls at once exactly those get through that fit, of any number of processes', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    await admin.query('DELETE FROM cost_limit; DELETE FROM cost_entry');
    await set(549);
    await set(349, 'key:1');
    const leases = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, nth) => begin(nth % 2 === 0 ? 'key:1' : 'key:2')),
    );
    const results = await Promise.all(leases.map((lease) => append(lease, reservation(100))));
    expect(results.filter((kind) => kind === 'appended')).toHaveLength(5);
    expect(results.filter((kind) => kind === 'over-limit')).toHaveLength(AT_ONCE - 5);
    const ofKey = results.filter((kind, nth) => nth % 2 === 0 && kind === 'appended');
    expect(ofKey.length).toBeLessThanOrEqual(3);
  }
});

test('what meets a limit that its process did not know of is held, and nothing of it is written', async () => {
  const fresh = new RunLog(database);
  const kindsOf = async (appends: Append[]) =>
    (await fresh.append(appends, LEASE_MS)).map(({ kind }) => kind);
  const other = await begin('key:1', OTHER_WORKSPACE_ID);
  await append(other, reservation(9));
  await set(50);
  const appends = [
    { lease: await begin(), addition: reservation(100), recordedAt: NOW },
    { lease: other, addition: settlement(5), recordedAt: NOW },
  ];
  expect(await kindsOf(appends)).toEqual(['held', 'held']);
  expect((await admin.query('SELECT spent_micros FROM cost_entry')).rows).toEqual([{ spent_micros: null }]);
  expect(await kindsOf(appends)).toEqual(['over-limit', 'appended']);
});

test('of calls at once by two keys those get through that fit the limit of the key that made both', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    await admin.query('DELETE FROM cost_limit; DELETE FROM cost_entry');
    await set(549, 'key:1');
    await set(349, 'key:2');
    const leases = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, nth) => begin(`key:${2 + (nth % 2)}`, WORKSPACE_ID, ['key:1'])),
    );
    const results = await Promise.all(leases.map((lease) => append(lease, reservation(100))));
    expect(results.filter((kind) => kind === 'appended')).toHaveLength(5);
    expect(results.filter((kind) => kind === 'over-limit')).toHaveLength(AT_ONCE - 5);
    const ofLimited = results.filter((kind, nth) => nth % 2 === 0 && kind === 'appended').length;
    expect(ofLimited).toBeLessThanOrEqual(3);
    expect(await usedAndLedger()).toEqual([
      [500, 500],
      [ofLimited * 100, ofLimited * 100],
    ]);
    expect(await append(await begin('key:1'), reservation(50))).toBe('over-limit');
  }
});

test('what a key reserves and gives back counts once for each maker, and in no other workspace', async () => {
  for (const principalId of ['key:1', 'key:2', 'key:3', 'key:4', null]) await set(1_000, principalId);
  await set(1_000, 'key:1', OTHER_WORKSPACE_ID);
  const lease = await begin('key:3', WORKSPACE_ID, ['key:2', 'key:1', 'key:3', 'partner:a/test']);
  await append(lease, reservation(100));
  const used = async () => (await usedAndLedger()).map(([micros]) => micros);
  expect(await used()).toEqual([100, 100, 100, 0, 100, 0]);
  await append(lease, settlement(40));
  expect(await used()).toEqual([40, 40, 40, 0, 40, 0]);
  await append(lease, settlement(90));
  expect(await used()).toEqual([40, 40, 40, 0, 40, 0]);
});

test('a maker’s limit that is set later starts with what its keys have spent', async () => {
  await append(await begin('key:3', WORKSPACE_ID, ['key:2', 'key:1']), reservation(70));
  await append(await begin('key:4'), reservation(10));
  for (const principalId of ['key:1', 'key:2', 'key:3', 'key:4']) await set(1_000, principalId);
  expect(await usedAndLedger()).toEqual([
    [70, 70],
    [70, 70],
    [70, 70],
    [10, 10],
  ]);
});

test('a call that is made again after a crash counts once for its maker, and its settlement gives back', async () => {
  await set(100, 'key:1');
  const lease = await begin('key:2', WORKSPACE_ID, ['key:1']);
  expect(await append(lease, reservation(100))).toBe('appended');
  // The process that takes the run over reads who began it from the row.
  const { rows } = await admin.query('UPDATE run SET epoch = 2 WHERE id = $1 RETURNING caller', [
    lease.run.id,
  ]);
  const taken: Lease = { run: { ...lease.run, caller: rows[0].caller }, epoch: 2 };
  expect(await append(taken, reservation(100))).toBe('appended');
  expect(await usedAndLedger()).toEqual([[100, 100]]);
  expect(await append(taken, settlement(30))).toBe('appended');
  expect(await usedAndLedger()).toEqual([[30, 30]]);
  expect(await append(await begin('key:3', WORKSPACE_ID, ['key:2', 'key:1']), reservation(71))).toBe(
    'over-limit',
  );
});

test('of calls in one commit exactly those get through that fit, in their order', async () => {
  await set(300);
  await append(await begin(), reservation(50));
  const leases = await Promise.all(Array.from({ length: 4 }, () => begin()));
  const appends = leases.map((lease) => ({ lease, addition: reservation(100), recordedAt: NOW }));
  const kinds = (await log.append(appends, LEASE_MS)).map(({ kind }) => kind);
  expect(kinds).toEqual(['appended', 'appended', 'over-limit', 'over-limit']);
});

test('what a call does not cost is there for the next one', async () => {
  await set(100);
  const [first, second] = [await begin(), await begin()];
  expect(await append(first, reservation(100))).toBe('appended');
  expect(await append(second, reservation(60))).toBe('over-limit');
  await append(first, settlement(40));
  expect(await append(second, reservation(60))).toBe('appended');
  expect(await usedAndLedger()).toEqual([[100, 100]]);
});

test('a call that is made again after a crash is not refused by what it has reserved itself', async () => {
  await set(100);
  const lease = await begin();
  expect(await append(lease, reservation(100))).toBe('appended');
  expect(await append(lease, reservation(100))).toBe('appended');
  expect(await usedAndLedger()).toEqual([[100, 100]]);
});

test('a reservation of a process that has lost its lease takes nothing', async () => {
  await set(100);
  const lease = await begin();
  expect(await append({ ...lease, epoch: 0 }, reservation(100))).toBe('lease-lost');
  expect(await usedAndLedger()).toEqual([[0, 0]]);
});

test('a call that is settled behind midnight gives the new day nothing', async () => {
  await set(100);
  const [late, early] = [await begin(), await begin()];
  await append(late, reservation(100));
  const nextDay = new Date('2026-12-01T00:00:01Z');
  expect(await append(early, reservation(70), nextDay)).toBe('appended');
  await append(late, settlement(1), nextDay);
  const { rows } = await admin.query(
    'SELECT used_micros::int4 AS used, period_start::text AS start FROM cost_limit',
  );
  expect(rows).toEqual([{ used: 70, start: '2026-12-01' }]);
});

const pauseMs = fc.integer({ min: 0, max: 8 });
const aCall = fc.record({ pauseMs, runMs: pauseMs, spent: fc.integer({ min: 0, max: 100 }), key: fc.nat(2) });
/** Key 2 was made by key 1, and that by key 0. */
const makersOf = (key: number) => Array.from({ length: key }, (_, nth) => `key:${key - 1 - nth}`);
const aSetting = fc.record({ pauseMs: fc.integer({ min: 0, max: 12 }), key: fc.option(fc.nat(2)) });

test('limits that are set among reservations and settlements miss none of them', async () => {
  const calls = fc.array(aCall, { minLength: AT_ONCE, maxLength: AT_ONCE });
  const settings = fc.array(aSetting, { minLength: 1, maxLength: 4 });
  const property = fc.asyncProperty(calls, settings, async (asked, wanted) => {
    await admin.query('DELETE FROM cost_limit');
    const calling = asked.map(async ({ pauseMs: before, runMs, spent, key }) => {
      const lease = await begin(`key:${key}`, WORKSPACE_ID, makersOf(key));
      await pause(before);
      await append(lease, reservation(100));
      await pause(runMs);
      await append(lease, settlement(spent));
    });
    const setting = wanted.map(async ({ pauseMs: before, key }) => {
      await pause(before);
      await set(1_000_000, key === null ? null : `key:${key}`);
    });
    await Promise.all([...calling, ...setting]);
    const pairs = await usedAndLedger();
    expect(pairs.map(([used]) => used)).toEqual(pairs.map(([, ledger]) => ledger));
  });
  // Prints its seed where it fails.
  await fc.assert(property, { numRuns: ROUNDS, endOnFailure: true });
});

test('settlements of many workspaces in commits of any order wait for nobody in a circle', async () => {
  await set(1_000_000);
  await set(1_000_000, null, OTHER_WORKSPACE_ID);
  for (let round = 0; round < ROUNDS; round += 1) {
    const pairs = await Promise.all(
      Array.from({ length: 8 }, async (_, nth) => {
        const pair = [await begin('key:1', WORKSPACE_ID), await begin('key:1', OTHER_WORKSPACE_ID)];
        for (const lease of pair) await append(lease, reservation(10));
        return nth % 2 === 0 ? pair : pair.reverse();
      }),
    );
    const commits = pairs.map((pair) =>
      log.append(
        pair.map((lease) => ({ lease, addition: settlement(5), recordedAt: NOW })),
        LEASE_MS,
      ),
    );
    await Promise.all(commits);
  }
  for (const [used, ledger] of await usedAndLedger()) expect(used).toBe(ledger);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
