import { createTestDatabase, type RunningService, startService } from '@magistry/testing';
import pg from 'pg';
import { AppModule } from '../src/app.module.js';
import { Database } from '../src/storage/database.js';

export interface RunningWebhooks extends RunningService {
  /** What the service takes for the time, in milliseconds since 1970. */
  readonly clock: { now: number };
  readonly database: Database;
  asOwner(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  /** On one connection, as the service's login. */
  asService(sql: string): Promise<pg.QueryResult>;
}

/** The service as it runs, in a database of its own. */
export async function startWebhooks(): Promise<RunningWebhooks> {
  const testDatabase = await createTestDatabase('webhooks');
  const clock = { now: Date.now() };
  const database = new Database(testDatabase.url, () => undefined);
  const running = await startService('webhooks', () => AppModule.with({ database, now: () => clock.now }));
  const owner = new pg.Pool({
    connectionString: testDatabase.adminUrl,
    max: 1,
    options: '-c search_path=webhooks',
  });
  const service = new pg.Pool({ connectionString: testDatabase.url, max: 1 });
  const stop = async () => {
    await running.stop();
    await Promise.all([owner.end(), service.end()]);
    await testDatabase.drop();
  };
  return {
    ...running,
    clock,
    database,
    asOwner: (sql, values) => owner.query(sql, values),
    asService: (sql) => service.query(sql),
    stop,
  };
}
