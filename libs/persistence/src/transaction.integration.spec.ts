import { required } from '@magistry/testing';
import pg from 'pg';
import { beginSql, createPool, transactionOf, withTransaction } from './index.js';

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

test('queries that are asked together run in their order, each seeing what the one before it did', async () => {
  const seen = await withTransaction(pool, async (client) => {
    const { query, commit } = transactionOf(client);
    const [, [counted]] = await Promise.all([
      query({ text: 'CREATE TEMPORARY TABLE asked ON COMMIT DROP AS SELECT 1 AS place' }),
      query<{ count: number }>({ text: 'SELECT count(*)::int4 AS count FROM asked' }),
      commit(),
    ]);
    return counted;
  });
  expect(seen).toEqual({ count: 1 });
});

test('a query that fails beside the commit undoes the transaction, and is what the caller learns', async () => {
  await other.query('CREATE TABLE kept_or_not (id int4 PRIMARY KEY)');
  const failed = withTransaction(pool, async (client) => {
    const { query, commit } = transactionOf(client);
    const insert = { text: 'INSERT INTO kept_or_not VALUES (1)' };
    await Promise.all([query(insert), query(insert), commit()]);
  });
  await expect(failed).rejects.toMatchObject({ code: '23505' });
  const { rows } = await other.query('SELECT FROM kept_or_not');
  await other.query('DROP TABLE kept_or_not');
  expect([rows.length, pool.idleCount]).toEqual([0, 1]);
});

test('what is committed within is not rolled back by what throws behind it', async () => {
  await other.query('CREATE TABLE kept (id int4)');
  const thrown = withTransaction(pool, async (client) => {
    const { query, commit } = transactionOf(client);
    await Promise.all([query({ text: 'INSERT INTO kept VALUES (1)' }), commit()]);
    throw new Error('too late');
  });
  await expect(thrown).rejects.toThrow('too late');
  const { rows } = await other.query('SELECT id FROM kept');
  await other.query('DROP TABLE kept');
  expect(rows).toEqual([{ id: 1 }]);
});

test('the settings of a transaction end with it, whatever is in them', async () => {
  const principal = `key:1'; DROP TABLE kept; --\\`;
  const begin = beginSql({ 'magistry.principal_id': principal }, 1_500.2);
  const read = `SELECT current_setting('magistry.principal_id', true) AS principal,
    current_setting('lock_timeout') AS wait`;
  const within = await withTransaction(pool, async (client) => (await client.query(read)).rows, begin);
  const { rows: after } = await pool.query(read);
  expect([within, after]).toEqual([[{ principal, wait: '1501ms' }], [{ principal: '', wait: '5s' }]]);
});
