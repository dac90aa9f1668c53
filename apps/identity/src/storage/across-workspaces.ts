import { createPool, transactionOf, withTransaction } from '@magistry/persistence';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Queryable } from './database.js';
import { explain } from './failures.js';
import { PrismaClient } from './generated/client.js';

const SCHEMA = 'identity';
const ROLE = 'magistry_identity_across';

/**
 * Sees accounts, keys, partners and installs of every workspace: for look-ups of credentials, which only then know
 * the workspace, and for operators. Through Prisma for plain rows, as SQL for the rest.
 */
export class AcrossWorkspaces implements Queryable {
  private readonly pool: pg.Pool;
  private readonly client: PrismaClient;

  constructor(databaseUrl: string, onFault: (error: Error) => void) {
    this.pool = createPool(databaseUrl, onFault, ROLE);
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

  /** Committed when `work` returns, rolled back when it throws. */
  transaction<Result>(work: (transaction: Queryable) => Promise<Result>): Promise<Result> {
    return withTransaction(this.pool, (client) => work(transactionOf(client))).catch(explain);
  }

  async close(): Promise<void> {
    await this.client.$disconnect();
    await this.pool.end();
  }
}
