import pg from 'pg';
import { withConnection } from './connection.js';

const OUTSIDE_OF_TRANSACTION = 'I';

/** Where SQL runs: by itself, or as part of a transaction. */
export interface Queryable {
  query<Row extends object>(query: pg.QueryConfig): Promise<Row[]>;
}

/** Queries that are asked without waiting for each other are sent together, and answered in their order. */
export interface Transaction extends Queryable {
  /** Commits before `work` returns, so that it can be asked together with the last queries; undone if one failed. */
  commit(): Promise<void>;
}

/**
 * Opens a transaction with settings that end with it, so that a pooled connection takes none along. A lock is waited
 * for `lockWaitMs` at most, else for as long as the pool says.
 */
export function beginSql(settings: Readonly<Record<string, string>>, lockWaitMs?: number): string {
  const set = Object.entries(settings).map(
    ([name, value]) => `SET LOCAL ${name} = ${pg.escapeLiteral(value)}`,
  );
  if (lockWaitMs !== undefined) set.push(`SET LOCAL lock_timeout = ${Math.ceil(lockWaitMs)}`);
  return ['BEGIN', ...set].join('; ');
}

/**
 * Runs `work` in one transaction: committed when it returns, rolled back when it throws. `begin` opens it, as text,
 * and is sent together with what `work` asks first.
 */
export function withTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  begin = 'BEGIN',
): Promise<Result> {
  return withConnection(pool, async (client) => {
    try {
      const begun = ask(client, begin);
      begun.catch(() => undefined);
      const result = await work(client);
      await begun;
      if (client.getTransactionStatus() !== OUTSIDE_OF_TRANSACTION) await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  });
}

/** The transaction of `withTransaction`'s client. */
export function transactionOf(client: pg.PoolClient): Transaction {
  return {
    query: async (query) => (await ask(client, query)).rows,
    commit: async () => void (await ask(client, 'COMMIT')),
  };
}

/** In one round trip. */
export async function queryAndCommit<Row extends object>(
  transaction: Transaction,
  query: pg.QueryConfig,
): Promise<Row[]> {
  const [rows] = await Promise.all([transaction.query<Row>(query), transaction.commit()]);
  return rows;
}

/** What is asked of the connection within one turn of the event loop leaves in one write. */
function ask(client: pg.PoolClient, query: pg.QueryConfig | string): Promise<pg.QueryResult> {
  const { stream } = (client as pg.PoolClient & Pick<pg.Client, 'connection'>).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
  return client.query(query);
}
