import { ProblemError } from '@magistry/errors';
import { createPool, databaseFault, isConnectionFailure, withTransaction } from '@magistry/persistence';
import type { OnModuleDestroy } from '@nestjs/common';
import type pg from 'pg';

const ACROSS_ROLE = 'magistry_webhooks_across';

// Both end with the transaction: a pooled connection takes none along.
const ENTER_WORKSPACE_SQL = `
  SELECT set_config('magistry.workspace_id', $1, true), set_config('lock_timeout', $2, true)`;

/** A read waits for nobody, but a transaction wants a figure. */
const READ_WAIT_MS = 1_000;

/** Where SQL runs: by itself, or as part of a transaction. */
export interface Queryable {
  query<Row extends object>(query: pg.QueryConfig): Promise<Row[]>;
}

/**
 * The service's login, which sees rows of the workspace that a transaction was opened for and no other, and the role
 * that looks across workspaces: for fan-out, the worker, jobs and housekeeping (docs/adr/0015). Every way in throws
 * `service_unavailable` while the database cannot be reached.
 */
export class Database implements OnModuleDestroy {
  /** Across workspaces, each query by itself. */
  readonly across: Queryable;
  private readonly pool: pg.Pool;
  private readonly acrossPool: pg.Pool;

  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault);
    this.acrossPool = createPool(databaseUrl, onFault, ACROSS_ROLE);
    this.across = { query: async (query) => (await this.acrossPool.query(query).catch(explain)).rows };
  }

  /** Each query by itself, within the workspace. */
  readsIn(workspaceId: number): Queryable {
    return {
      query: <Row extends object>(query: pg.QueryConfig) =>
        this.transactionIn(workspaceId, READ_WAIT_MS, (transaction) => transaction.query<Row>(query)),
    };
  }

  /** Committed when `work` returns, rolled back when it throws. A lock is waited for `lockWaitMs` at most. */
  transactionIn<Result>(
    workspaceId: number,
    lockWaitMs: number,
    work: (transaction: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const run = async (client: pg.PoolClient) => {
      await client.query(ENTER_WORKSPACE_SQL, [String(workspaceId), String(lockWaitMs)]);
      return work(queryable(client));
    };
    return withTransaction(this.pool, run).catch(explain);
  }

  /** As `transactionIn`, across workspaces. */
  transactionAcross<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    return withTransaction(this.acrossPool, (client) => work(queryable(client))).catch(explain);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.pool);
  }

  async onModuleDestroy(): Promise<void> {
    await this.acrossPool.end();
    await this.pool.end();
  }
}

function queryable(client: pg.PoolClient): Queryable {
  return { query: async (query) => (await client.query(query)).rows };
}

/** Throws on, as `service_unavailable` where a retry helps. */
function explain(error: unknown): never {
  if (!isConnectionFailure(error)) throw error;
  throw new ProblemError('service_unavailable', 'The database cannot be reached right now. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}
