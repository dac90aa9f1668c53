import {
  beginSql,
  createPool,
  databaseFault,
  type Queryable,
  queryAndCommit,
  type Transaction,
  transactionOf,
  withTransaction,
} from '@magistry/persistence';
import type { OnModuleDestroy } from '@nestjs/common';
import type pg from 'pg';
import { AcrossWorkspaces } from './across-workspaces.js';
import { explain } from './failures.js';

/** A read waits for nobody, but a transaction wants a figure. */
const READ_WAIT_MS = 1_000;

export type { Queryable, Transaction } from '@magistry/persistence';

/** What row security shows: this workspace, and what this principal made by API. */
export interface Scope {
  readonly workspaceId: number;
  readonly principalId?: string;
}

/**
 * The service's login, which sees rows of workspaces within a scope alone. Every way in throws
 * `service_unavailable` while the database cannot be reached.
 */
export class Database implements Queryable, OnModuleDestroy {
  /** For the few that look across workspaces. */
  readonly across: AcrossWorkspaces;
  private readonly pool: pg.Pool;

  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault);
    this.across = new AcrossWorkspaces(databaseUrl, onFault);
  }

  /** Outside of every workspace. */
  async query<Row extends object>(query: pg.QueryConfig): Promise<Row[]> {
    const { rows } = await this.pool.query(query).catch(explain);
    return rows;
  }

  /** Each query by itself, within the scope. */
  readsIn(scope: Scope): Queryable {
    return {
      query: <Row extends object>(query: pg.QueryConfig) =>
        this.transactionIn(scope, READ_WAIT_MS, (transaction) => queryAndCommit<Row>(transaction, query)),
    };
  }

  /** Committed when `work` returns, rolled back when it throws. A lock is waited for `lockWaitMs` at most. */
  transactionIn<Result>(
    { workspaceId, principalId = '' }: Scope,
    lockWaitMs: number,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    const settings = { 'magistry.workspace_id': String(workspaceId), 'magistry.principal_id': principalId };
    const begin = beginSql(settings, lockWaitMs);
    return withTransaction(this.pool, (client) => work(transactionOf(client)), begin).catch(explain);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.pool);
  }

  async onModuleDestroy(): Promise<void> {
    await this.across.close();
    await this.pool.end();
  }
}
