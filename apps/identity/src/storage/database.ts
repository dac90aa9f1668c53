import { createPool, databaseFault, type Queryable, withTransaction } from '@magistry/persistence';
import type { OnModuleDestroy } from '@nestjs/common';
import type pg from 'pg';
import { AcrossWorkspaces } from './across-workspaces.js';
import { explain } from './failures.js';

// All of them end with the transaction: a pooled connection takes none along.
const ENTER_WORKSPACE_SQL = `
  SELECT set_config('magistry.workspace_id', $1, true), set_config('magistry.principal_id', $2, true),
    set_config('lock_timeout', $3, true)`;

/** A read waits for nobody, but a transaction wants a figure. */
const READ_WAIT_MS = 1_000;

export type { Queryable } from '@magistry/persistence';

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
        this.transactionIn(scope, READ_WAIT_MS, (transaction) => transaction.query<Row>(query)),
    };
  }

  /** Committed when `work` returns, rolled back when it throws. A lock is waited for `lockWaitMs` at most. */
  transactionIn<Result>(
    { workspaceId, principalId = '' }: Scope,
    lockWaitMs: number,
    work: (transaction: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const run = async (client: pg.PoolClient) => {
      await client.query(ENTER_WORKSPACE_SQL, [String(workspaceId), principalId, String(lockWaitMs)]);
      return work({ query: async (query) => (await client.query(query)).rows });
    };
    return withTransaction(this.pool, run).catch(explain);
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
