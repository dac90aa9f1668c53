import type pg from 'pg';

const OUTSIDE_OF_TRANSACTION = 'I';

/**
 * Lends a connection of the pool for `work`. One that is lost meanwhile fails the queries of `work` and nothing
 * else; one that is left inside a transaction is closed, never lent again.
 */
export async function withConnection<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  // The pool listens only while a connection is idle, and an `error` that nobody listens to ends the process.
  const onLost = () => undefined;
  client.on('error', onLost);
  try {
    return await work(client);
  } finally {
    client.release(client.getTransactionStatus() !== OUTSIDE_OF_TRANSACTION);
    client.off('error', onLost);
  }
}
