import { required } from '@magistry/testing';
import pg from 'pg';
import { createPool, withTransaction } from './index.js';

const databaseUrl = required('MAGISTRY_TEST_DATABASE_URL');
const faults: Error[] = [];
const pool = createPool(databaseUrl, (error) => faults.push(error));
const other = new pg.Client({ connectionString: databaseUrl });

beforeAll(() => other.connect());
afterEach(() => faults.splice(0));
afterAll(async () => {
  await pool.end();
  await other.end();
});

async function pidOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return rows[0].pid;
}

/** Resolves once the backend has gone, and its last words have had time to arrive. */
async function terminate(pid: number): Promise<void> {
  await other.query('SELECT pg_terminate_backend($1, 5000)', [pid]);
  await new Promise((resolve) => setTimeout(resolve, 50));
}

test('a transaction whose connection is lost between two queries fails, and the process lives', async () => {
  const lost = withTransaction(pool, async (client) => {
    await terminate(await pidOf(client));
    await client.query('SELECT 1');
  });
  await expect(lost).rejects.toThrow(/connection/i);
  expect(await withTransaction(pool, pidOf)).toBeGreaterThan(0);
});

test('a transaction whose connection is lost during a query fails, and the process lives', async () => {
  const lost = withTransaction(pool, async (client) => {
    const pid = await pidOf(client);
    const asleep = client.query('SELECT pg_sleep(10)');
    await Promise.all([expect(asleep).rejects.toThrow(), terminate(pid)]);
  });
  await expect(lost).rejects.toThrow();
  expect(pool.totalCount).toBe(0);
});

test('a transaction that ends well or badly gives its connection back, outside of any transaction', async () => {
  const refused = withTransaction(pool, () => Promise.reject(new Error('no')));
  await expect(refused).rejects.toThrow('no');
  await withTransaction(pool, async (client) => {
    await client.query('SELECT 1 / 0').catch(() => undefined);
  });
  const { rows } = await pool.query(`SELECT now() = statement_timestamp() AS "isAlone"`);
  expect([rows, pool.idleCount]).toEqual([[{ isAlone: true }], 1]);
});
