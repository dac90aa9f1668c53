import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { MigrationFile } from './migration-files.ts';

interface LoggedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

// Prisma's own table, column for column, so that `prisma migrate status` and `deploy` agree with us.
const createTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/** The migrations still to apply; an error when the files and the log contradict each other. */
export async function findPending(client: ClientBase, files: MigrationFile[]): Promise<MigrationFile[]> {
  await client.query(createTable);
  const { rows } = await client.query<LoggedMigration>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const filesByName = new Map(files.map((file) => [file.name, file]));
  for (const row of rows) refuseContradiction(row, filesByName.get(row.migration_name));
  const applied = new Set(rows.map((row) => row.migration_name));
  return files.filter((file) => !applied.has(file.name));
}

export async function logApplied(client: ClientBase, file: MigrationFile, startedAt: Date): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
    [randomUUID(), file.checksum, file.name, startedAt],
  );
}

/** Its transaction is undone already, so Prisma's word for it is "rolled back": it may be tried again. */
export async function logFailed(client: ClientBase, file: MigrationFile, reason: string): Promise<void> {
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, rolled_back_at)
     VALUES ($1, $2, $3, $4, clock_timestamp())`,
    [randomUUID(), file.checksum, file.name, reason],
  );
}

function refuseContradiction(row: LoggedMigration, file: MigrationFile | undefined): void {
  const name = row.migration_name;
  if (row.finished_at === null) {
    throw new Error(
      `migration ${name} was begun by another tool and never finished. Look at what it left, then run ` +
        `"prisma migrate resolve --rolled-back ${name}" or "--applied ${name}".`,
    );
  }
  if (file === undefined) {
    throw new Error(
      `the database has migration ${name}, this checkout does not: the database is newer. ` +
        'Check out the newer code, or set MAGISTRY_HOME to another folder.',
    );
  }
  if (file.checksum !== row.checksum) {
    throw new Error(
      `${file.path} was changed after it had been applied (sha256 ${row.checksum} then, ` +
        `${file.checksum} now). Put it back, and write the change as a new migration.`,
    );
  }
}
