import { Client, DatabaseError, escapeIdentifier } from 'pg';
import type { MigrationFile } from './migration-files.ts';
import { findPending, logApplied, logFailed } from './migration-log.ts';
import { prepareSchemaAndRole } from './roles.ts';

export interface SchemaMigration {
  service: string;
  password: string;
  files: MigrationFile[];
}

// Any number will do, as long as every runner takes the same one.
const advisoryLock = '7264817023';

/** Brings every schema up to date as the database's owner; returns the names of what it applied. */
export async function migrate(ownerUrl: string, schemas: readonly SchemaMigration[]): Promise<string[]> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'magistry-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
    const applied: string[] = [];
    for (const schema of schemas) applied.push(...(await migrateSchema(client, schema)));
    return applied;
  } finally {
    await client.end();
  }
}

async function migrateSchema(client: Client, schema: SchemaMigration): Promise<string[]> {
  await prepareSchemaAndRole(client, schema.service, schema.password);
  await client.query(`SET search_path = ${escapeIdentifier(schema.service)}`);
  const pending = await findPending(client, schema.files);
  for (const file of pending) await apply(client, schema.service, file);
  return pending.map((file) => `${schema.service}/${file.name}`);
}

async function apply(client: Client, service: string, file: MigrationFile): Promise<void> {
  const startedAt = new Date();
  const enterSchema = `SET LOCAL search_path = ${escapeIdentifier(service)}`;
  try {
    await client.query(`BEGIN; ${enterSchema}`);
    await client.query(file.sql);
    await client.query(enterSchema);
    await logApplied(client, file, startedAt);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    const reason = explain(file, error as Error);
    await logFailed(client, file, reason);
    throw new Error(`${reason}\nNothing of it was kept: mend the file and start again.`, { cause: error });
  }
}

function explain(file: MigrationFile, error: Error): string {
  if (!(error instanceof DatabaseError)) return `${file.path}: ${error.message}`;
  const { position, message, code, detail, hint } = error;
  const extras = [detail, hint].filter((text) => text !== undefined).map((text) => `\n  ${text}`);
  return `${file.path}${locate(file.sql, position)}: ${message} (SQLSTATE ${code})${extras.join('')}`;
}

// Postgres counts characters from 1, and counts a pair of UTF-16 surrogates as one.
function locate(sql: string, position: string | undefined): string {
  if (position === undefined) return '';
  const before = [...sql].slice(0, Number(position) - 1).join('');
  const lines = before.split('\n');
  return `:${lines.length}:${[...(lines.at(-1) ?? '')].length + 1}`;
}
