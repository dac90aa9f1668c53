import { ProblemError } from '@magistry/errors';
import { createPool, databaseFault, withTransaction } from '@magistry/persistence';
import type { OnModuleDestroy } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { isUnreachable } from './failures.js';
import { PrismaClient } from './generated/client.js';

const SCHEMA = 'identity';

// Both settings end with the transaction: a pooled connection takes neither along.
const ENTER_WORKSPACE_SQL = `
  SELECT set_config('magistry.workspace_id', $1, true), set_config('lock_timeout', $2, true)`;

/** Where SQL runs: by itself, or as part of a transaction. */
export interface Queryable {
  query<Row extends object>(query: pg.QueryConfig): Promise<Row[]>;
}

/**
 * The process's one pool: through Prisma for plain rows, as SQL for the rest. Both ways throw
 * `service_unavailable` while the database cannot be reached.
 */
export class Database implements Queryable, OnModuleDestroy {
  private readonly pool: pg.Pool;
  private readonly client: PrismaClient;

  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault);
    this.client = new PrismaClient({
      adapter: new PrismaPg(this.pool, { schema: SCHEMA }),
      errorFormat: 'minimal',
    });
  }

  prisma<Result>(work: (client: PrismaClient) => Promise<Result>): Promise<Result> {
    return work(this.client).catch(explain);
  }

  async query<Row extends object>(query: pg.QueryConfig): Promise<Row[]> {
    const { rows } = await this.pool.query(query).catch(explain);
    return rows;
  }

  /**
   * A transaction that row security lets see this workspace alone: committed when `work` returns, rolled back when
   * it throws. A lock is waited for `lockWaitMs` at most.
   */
  inWorkspace<Result>(
    workspaceId: number,
    lockWaitMs: number,
    work: (transaction: Queryable) => Promise<Result>,
  ): Promise<Result> {
    const run = async (client: pg.PoolClient) => {
      await client.query(ENTER_WORKSPACE_SQL, [String(workspaceId), String(lockWaitMs)]);
      return work({ query: async (query) => (await client.query(query)).rows });
    };
    return withTransaction(this.pool, run).catch(explain);
  }

  /** What is wrong with the database, or undefined. */
  fault(): Promise<string | undefined> {
    return databaseFault(this.pool);
  }

  async onModuleDestroy(): Promise<void> {
    await this.client.$disconnect();
    await this.pool.end();
  }
}

function explain(error: unknown): never {
  if (!isUnreachable(error)) throw error;
  throw new ProblemError('service_unavailable', 'The database cannot be reached right now. Retry shortly.', {
    retryAfterSeconds: 1,
  });
}
