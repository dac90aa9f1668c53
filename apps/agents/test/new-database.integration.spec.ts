import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { Database } from '../src/storage/database.js';
import type { Addition, Lease } from '../src/storage/lease.js';
import { RunLog } from '../src/storage/run-log.js';
import { WORKSPACE_ID } from './agents.fixture.js';
import { leasedRun } from './leased-run.fixture.js';

const RUNS = 240;
const AT_ONCE = 30;
const LEASE_MS = 60_000;
const NOW = new Date('2026-11-30T12:00:00Z');

let place: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  place = await createTestDatabase('agents');
  owner = new pg.Client({ connectionString: place.adminUrl, options: '-c search_path=agents' });
  await owner.connect();
  // Else it is counted by autovacuum, where its minute falls into this test.
  for (const table of ['run', 'run_event', 'cost_entry'])
    await owner.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`);
});
afterAll(async () => {
  await owner.end();
  await place.drop();
});

const begin = (database: Database, nth: number) =>
  leasedRun(database, {
    ...{ nth, workspaceId: WORKSPACE_ID, spender: { principalId: 'key:1' }, now: NOW, leaseMs: LEASE_MS },
  });

const reservation = (call: number): Addition => ({
  events: [],
  reserved: { call, model: 'm', priceVersion: 'v', micros: 1 },
});
const settlement = (call: number): Addition => ({
  events: [{ kind: 'text', call, delta: 'Hello.' }],
  settled: { call, micros: 1, usage: { promptTokens: 1, completionTokens: 1 } },
});

/** Rows that were looked at through indexes in which a run is not found by its key. */
async function readBesideKeys(): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ name: string; read: number }>(`
    SELECT indexrelname AS name, idx_tup_read::int4 AS read FROM pg_stat_user_indexes
    WHERE schemaname = 'agents' AND indexrelname IN ('run_list_idx', 'run_tree_idx', 'cost_entry_period_idx')`);
  return Object.fromEntries(rows.map(({ name, read }) => [name, read]));
}

test('in a database that nobody has counted yet, what runs write finds them by key', async () => {
  const database = new Database(place.url, () => undefined);
  const log = new RunLog(database);
  const leases: Lease[] = [];
  for (let nth = 0; nth < RUNS; nth += 1) leases.push(await begin(database, nth));
  for (const addition of [reservation(1), settlement(1), reservation(2), settlement(2)])
    for (let first = 0; first < RUNS; first += AT_ONCE) {
      const appends = leases
        .slice(first, first + AT_ONCE)
        .map((lease) => ({ lease, addition, recordedAt: NOW }));
      for (const { kind } of await log.append(appends, LEASE_MS)) expect(kind).toBe('appended');
    }
  // A connection that ends hands over what it has counted.
  await database.close();
  await owner.query('SELECT pg_stat_force_next_flush(), pg_sleep(0.5)');
  for (const read of Object.values(await readBesideKeys())) expect(read).toBeLessThan(RUNS);
  const { rows } = await owner.query(
    'SELECT last_analyze, last_autoanalyze FROM pg_stat_user_tables WHERE relname = $1',
    ['run'],
  );
  expect(rows).toEqual([{ last_analyze: null, last_autoanalyze: null }]);
});
