import pg from 'pg';

/** A process's connections, as everybody but this lib and an app's storage knows them. */
export type Pool = pg.Pool;

/** Connections a process may hold, so that all services together stay under Postgres's max_connections. */
const CONNECTIONS_MAX = 8;

/** One pool per process. A connection that dies while idle is replaced at the next use; `onFault` hears of it. */
export function createPool(databaseUrl: string, onFault: (error: Error) => void): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  pool.on('error', onFault);
  return pool;
}

/** What is wrong with the database, or undefined; for readiness answers. */
export async function databaseFault(pool: Pool): Promise<string | undefined> {
  try {
    await pool.query('SELECT 1');
    return undefined;
  } catch {
    return 'the database does not answer';
  }
}
