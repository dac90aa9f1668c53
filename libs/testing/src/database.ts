import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

export interface TestDatabase {
  /** As the service's own role, with its rights and no more. */
  readonly url: string;
  /** As the owner, for tampering and looking. */
  readonly adminUrl: string;
  drop(): Promise<void>;
}

/** The environment of integration tests is made by `npm test`; a missing variable says how to run them. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set: run integration tests with npm test (see npm test -- --help)`);
  return value;
}

/** A database of its own for one suite, with the service's schema, role and migrations. */
export async function createTestDatabase(service: string): Promise<TestDatabase> {
  const server = new URL(required('MAGISTRY_TEST_DATABASE_URL'));
  const name = `test_${service}_${randomBytes(6).toString('hex')}`;
  const role = `magistry_${service}`;
  await run(server.href, `CREATE DATABASE ${name}`);
  const adminUrl = withPath(server, name);
  await run(adminUrl, await schemaOf(service, role));
  const url = new URL(adminUrl);
  url.username = role;
  url.password = role;
  url.searchParams.set('options', `-c search_path=${service}`);
  return { url: url.href, adminUrl, drop: () => run(server.href, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function schemaOf(service: string, role: string): Promise<string> {
  const across = `${role}_across`;
  const folder = join('apps', service, 'prisma', 'migrations');
  const entries = await readdir(folder, { withFileTypes: true });
  const migrations = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const scripts = migrations
    .sort()
    .map((migration) => readFile(join(folder, migration, 'migration.sql'), 'utf8'));
  return [
    `DO $$ BEGIN CREATE ROLE ${role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;`,
    `ALTER ROLE ${role} LOGIN PASSWORD '${role}';`,
    // As infra/postgres/roles.ts does it; once for all suites, since roles belong to the whole server.
    `DO $$ BEGIN CREATE ROLE ${across}; GRANT ${across} TO ${role} WITH INHERIT FALSE, SET TRUE;
       EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;`,
    `CREATE SCHEMA ${service}; GRANT USAGE ON SCHEMA ${service} TO ${role}, ${across};`,
    `SET search_path = ${service};`,
    ...(await Promise.all(scripts)),
  ].join('\n');
}

function withPath(server: URL, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
