import { createPool, databaseFault, withTransaction } from '@magistry/persistence';
import type { OnApplicationShutdown } from '@nestjs/common';
import type pg from 'pg';
import { explain } from './failures.js';

const ACROSS_ROLE = 'magistry_agents_across';

// Both end with the transaction: a pooled connection takes none along.
const ENTER_WORKSPACE_SQL = `
  SELECT set_config('magistry.workspace_id', $1, true), set_config('lock_timeout', $2, true)`;

const LOCK_WAIT_MS = 5_000;

/** Where SQL runs: by itself, or as part of a transaction. */
export interface Queryable {
  query<Row extends object>(query: pg.QueryConfig): Promise<Row[]>;
}

/**
 * The service's two roles (docs/adr/0015): requests see the rows of their workspace alone; whoever executes runs
 * looks across. Every way in throws `service_unavailable` while the database cannot be reached.
 */
export class Database implements OnApplicationShutdown {
  /** For the executor of runs, which finds them before it knows their workspace. */
  readonly across: Queryable;
  private readonly pool: pg.Pool;
  private readonly acrossPool: pg.Pool;

  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault);
    this.acrossPool = createPool(databaseUrl, onFault, ACROSS_ROLE);
    this.across = {
      query: async (query) => (await this.acrossPool.query(query).catch(explain)).rows,
    };
  }

  /** One query within the workspace. */
  async query<Row extends object>(workspaceId: number, query: pg.QueryConfig): Promise<Row[]> {
    return this.transactionIn(workspaceId, (transaction) => transaction.query<Row>(query));
  }

  /** Committed when `work` returns, rolled back when it throws. */
  transactionIn<Result>(
    workspaceId: number,
    work: (transaction: Queryable) => Promise<Result>,
    lockWaitMs = LOCK_WAIT_MS,
  ): Promise<Result> {
    const run = async (client: pg.PoolClient) => {
      await client.query(ENTER_WORKSPACE_SQL, [String(workspaceId), String(lockWaitMs)]);
      return work({ query: async (query) => (await client.query(query)).rows });
    };
    return withTransaction(this.pool, run).catch(explain);
  }

  transactionAcross<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    const run = (client: pg.PoolClient) => work({ query: async (query) => (await client.query(query)).rows });
    return withTransaction(this.acrossPool, run).catch(explain);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.pool);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.acrossPool.end();
    await this.pool.end();
  }
}
