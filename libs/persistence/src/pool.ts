import pg from 'pg';

/** A process's connections, as everybody but this lib and an app's storage knows them. */
export type Pool = pg.Pool;

/** Connections a pool may hold, so that all services together stay under Postgres's max_connections. */
const CONNECTIONS_MAX = 8;
const LOCK_WAIT_MS = 5_000;
/** A process that was stopped or cut off within a transaction holds up those that wait for it no longer than this. */
const SILENCE_MS_MAX = 10_000;

/**
 * Queries that are handed to one of its connections together are sent together, in one round trip. A connection that
 * dies while idle is replaced at the next use; `onFault` hears of it. A lock is waited for 5 s at most, unless a
 * transaction says otherwise. With `role`, one that the login may take, every connection has that role from its start,
 * so that it costs no query.
 */
export function createPool(databaseUrl: string, onFault: (error: Error) => void, role?: string): Pool {
  const pool = new pg.Pool({
    connectionString: role === undefined ? databaseUrl : withRole(databaseUrl, role),
    pipeline: true,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    lock_timeout: LOCK_WAIT_MS,
    idle_in_transaction_session_timeout: SILENCE_MS_MAX,
  });
  pool.on('error', onFault);
  return pool;
}

/** The URL of connections that take the role at their start. */
export function withRole(databaseUrl: string, role: string): string {
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options') ?? '';
  url.searchParams.set('options', `${options} -c role=${role}`.trim());
  return url.href;
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
