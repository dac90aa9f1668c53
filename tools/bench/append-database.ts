import pg from 'pg';
import { ensureDatabase } from '../../infra/postgres/database.ts';
import { migrate } from '../../infra/postgres/migrate.ts';
import { readMigrations } from '../../infra/postgres/migration-files.ts';
import { ACROSS_ROLE } from './decisions-build.ts';

const ROLE_PASSWORD = 'only-for-a-bench-run';

export type LedgerSchema = 'decisions' | 'yardstick_locked' | 'yardstick_single';

export interface AppendDatabase {
  readonly adminUrl: string;
  /** As the role that the ledger's writer takes, in the schema of one contender. */
  urlOf(schema: LedgerSchema): string;
}

/** A database with the ledger's schema, and a copy made of the same DDL for each yardstick. */
export async function makeAppendDatabase(maintenanceUrl: string): Promise<AppendDatabase> {
  const adminUrl = await ensureDatabase(maintenanceUrl, 'bench_append');
  const files = readMigrations('decisions');
  await migrate(adminUrl, [{ service: 'decisions', password: ROLE_PASSWORD, files }]);
  const ddl = files.map(({ sql }) => sql).join('\n');
  await withClient(adminUrl, async (client) => {
    for (const schema of ['yardstick_locked', 'yardstick_single']) {
      await client.query(`CREATE SCHEMA ${schema}; GRANT USAGE ON SCHEMA ${schema} TO ${ACROSS_ROLE};
        SET search_path = ${schema}; ${ddl}`);
    }
  });
  return { adminUrl, urlOf: (schema) => roleUrl(adminUrl, schema) };
}

/** Flushes what the round before left behind, so that the next one does not pay for it. */
export function checkpoint(adminUrl: string): Promise<void> {
  return withClient(adminUrl, async (client) => {
    await client.query('CHECKPOINT');
  });
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function roleUrl(adminUrl: string, schema: LedgerSchema): string {
  const url = new URL(adminUrl);
  url.username = 'magistry_decisions';
  url.password = ROLE_PASSWORD;
  url.searchParams.set('options', `-c search_path=${schema} -c role=${ACROSS_ROLE}`);
  return url.href;
}
