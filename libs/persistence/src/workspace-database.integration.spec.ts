import { required } from '@magistry/testing';
import pg from 'pg';
import { type Transaction, WorkspaceDatabase } from './index.js';

const databaseUrl = required('MAGISTRY_TEST_DATABASE_URL');
const login = decodeURIComponent(new URL(databaseUrl).username);
const database = new WorkspaceDatabase(databaseUrl, login, () => undefined);
const other = new pg.Client({ connectionString: databaseUrl });
const ADD = { text: 'INSERT INTO held VALUES (9)' };
const takeRow = (id: number) => ({ text: `SELECT id FROM held WHERE id = ${id} FOR UPDATE` });
/** 5 s for a lock, 10 s without a word, and what a busy machine takes. */
const [WAIT_MS_MAX, SILENCE_MS_MAX] = [8_000, 14_000];

beforeAll(() => other.connect());
beforeEach(() =>
  other.query(
    'DROP TABLE IF EXISTS held; CREATE TABLE held (id int4); INSERT INTO held VALUES (1), (2), (3), (4)',
  ),
);
afterAll(async () => {
  await other.query('DROP TABLE held');
  await other.end();
  await database.close();
});

async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now();
  await work();
  return performance.now() - begunMs;
}

test('who waits for a lock is told to retry soon, whichever way it came, and nothing of it is written', async () => {
  await other.query('BEGIN');
  await other.query('SELECT FROM held FOR UPDATE');
  const addAndTake = (id: number) => async (transaction: Transaction) => {
    await transaction.query(ADD);
    await transaction.query(takeRow(id));
  };
  // A row each: of those that wait for one row, all but the first wait for each other, too.
  const ways = [
    database.transactionAcross(addAndTake(1)),
    database.transactionIn(1, addAndTake(2)),
    database.across.query(takeRow(3)),
    database.query(1, takeRow(4)),
  ];
  const waitedMs = await elapsedMs(() =>
    Promise.all(
      ways.map((way) =>
        expect(way).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 }),
      ),
    ),
  );
  expect(waitedMs).toBeLessThan(WAIT_MS_MAX);
  await other.query('ROLLBACK');
  expect(await database.across.query({ text: 'SELECT id FROM held' })).toHaveLength(4);
  await database.transactionAcross((transaction) => transaction.query(takeRow(1)));
});

test('a transaction whose process stands still loses its locks, and cannot be committed any more', async () => {
  const [held, stopped] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late = database.transactionAcross(async (transaction) => {
    await transaction.query(ADD);
    await transaction.query(takeRow(1));
    held.resolve();
    await stopped.promise;
  });
  await held.promise;
  expect(await elapsedMs(() => other.query(takeRow(1)))).toBeLessThan(SILENCE_MS_MAX);
  stopped.resolve();
  await expect(late).rejects.toMatchObject({ code: 'service_unavailable' });
  expect((await other.query('SELECT id FROM held')).rows).toHaveLength(4);
});
