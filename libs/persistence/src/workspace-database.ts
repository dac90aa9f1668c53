import type pg from 'pg';
import { explainFailure } from './failures.js';
import { createPool, databaseFault } from './pool.js';
import {
  beginSql,
  type Queryable,
  queryAndCommit,
  type Transaction,
  transactionOf,
  withTransaction,
} from './transaction.js';

/**
 * A service's two roles (docs/adr/0015): its login sees the rows of the workspace that a transaction was opened for
 * and no other; `acrossRole`, which the login may take, looks across workspaces. Every way in throws
 * `service_unavailable` while the database cannot be reached, and `LockHeld` where a lock is not free in time.
 */
export class WorkspaceDatabase {
  /** Across workspaces, each query by itself. */
  readonly across: Queryable;
  private readonly pool: pg.Pool;
  private readonly acrossPool: pg.Pool;

  constructor(databaseUrl: string, acrossRole: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault);
    this.acrossPool = createPool(databaseUrl, onFault, acrossRole);
    this.across = { query: async (query) => (await this.acrossPool.query(query).catch(explainFailure)).rows };
  }

  /** One query within the workspace. */
  query<Row extends object>(workspaceId: number, query: pg.QueryConfig): Promise<Row[]> {
    return this.transactionIn(workspaceId, (transaction) => queryAndCommit<Row>(transaction, query));
  }

  /** Each query by itself, within the workspace. */
  readsIn(workspaceId: number): Queryable {
    return { query: <Row extends object>(query: pg.QueryConfig) => this.query<Row>(workspaceId, query) };
  }

  /** Committed when `work` returns, rolled back when it throws. A lock is waited for `lockWaitMs` at most, or 5 s. */
  transactionIn<Result>(
    workspaceId: number,
    work: (transaction: Transaction) => Promise<Result>,
    lockWaitMs?: number,
  ): Promise<Result> {
    const begin = beginSql({ 'magistry.workspace_id': String(workspaceId) }, lockWaitMs);
    return withTransaction(this.pool, (client) => work(transactionOf(client)), begin).catch(explainFailure);
  }

  /** As `transactionIn`, across workspaces. */
  transactionAcross<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return withTransaction(this.acrossPool, (client) => work(transactionOf(client))).catch(explainFailure);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.pool);
  }

  async close(): Promise<void> {
    await this.acrossPool.end();
    await this.pool.end();
  }
}
