import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { ensureDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { readMigrationFolder } from './migration-files.ts';

const service = 'migrate_probe';
const database = 'migrate_probe';
const password = 'probe-password';
const createThing =
  'CREATE TABLE thing (id int PRIMARY KEY);\nGRANT SELECT ON thing TO magistry_migrate_probe;';

let adminUrl: string;
let ownerUrl: string;
let folder: string;

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'migration.sql'), sql);
}

function run(): Promise<string[]> {
  return migrate(ownerUrl, [{ service, password, files: readMigrationFolder(folder) }]);
}

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

function roleUrl(): string {
  const url = new URL(ownerUrl);
  url.username = 'magistry_migrate_probe';
  url.password = password;
  return url.href;
}

async function dropAll(): Promise<void> {
  await query(adminUrl, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await query(adminUrl, 'DROP ROLE IF EXISTS magistry_migrate_probe');
}

beforeEach(async () => {
  adminUrl = process.env['MAGISTRY_TEST_DATABASE_URL'] ?? '';
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  await dropAll();
  ownerUrl = await ensureDatabase(adminUrl, database);
});

afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await dropAll();
});

it('applies each migration once, in order, and records it as Prisma does', async () => {
  write('20260101000000_first', createThing);
  expect(await run()).toEqual(['migrate_probe/20260101000000_first']);
  write('20260102000000_second', 'ALTER TABLE thing ADD COLUMN name text; SET search_path = public;');
  write(
    '20260103000000_third',
    `CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$;`,
  );
  expect(await run()).toEqual(['migrate_probe/20260102000000_second', 'migrate_probe/20260103000000_third']);
  expect(await run()).toEqual([]);
  const rows = await query(
    ownerUrl,
    `SELECT migration_name, length(id) AS id, length(checksum) AS checksum, finished_at >= started_at AS finished,
            logs, rolled_back_at, applied_steps_count
     FROM migrate_probe._prisma_migrations ORDER BY migration_name`,
  );
  const recorded = { id: 36, checksum: 64, finished: true, logs: null, rolled_back_at: null };
  expect(rows).toEqual(
    ['20260101000000_first', '20260102000000_second', '20260103000000_third'].map((migration_name) => ({
      migration_name,
      ...recorded,
      applied_steps_count: 1,
    })),
  );
});

it('gives the role its own schema and nothing else', async () => {
  write('20260101000000_first', createThing);
  await run();
  expect(await query(roleUrl(), 'SELECT * FROM thing')).toEqual([]);
  await expect(query(roleUrl(), 'INSERT INTO thing VALUES (1)')).rejects.toThrow('permission denied');
  await expect(query(roleUrl(), 'CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
  await expect(query(roleUrl(), 'CREATE TABLE public.mine (id int)')).rejects.toThrow('permission denied');
  await expect(query(roleUrl(), 'CREATE TEMP TABLE mine (id int)')).rejects.toThrow('permission denied');
  await expect(query(roleUrl(), 'SELECT * FROM _prisma_migrations')).rejects.toThrow('permission denied');
});

it('names the file and the place of an error, keeps nothing of it, and applies the mended file', async () => {
  write('20260101000000_first', createThing);
  write('20260102000000_second', `CREATE TABLE other (name text DEFAULT 'é😀');\n\n  SELEKT 1;`);
  await expect(run()).rejects.toThrow(
    /20260102000000_second\/migration\.sql:3:3: syntax error at or near "SELEKT"/,
  );
  expect(await query(ownerUrl, `SELECT to_regclass('migrate_probe.other') AS other`)).toEqual([
    { other: null },
  ]);
  write('20260102000000_second', 'CREATE TABLE other (name text);');
  expect(await run()).toEqual(['migrate_probe/20260102000000_second']);
});

it('refuses an applied migration that was changed, and one that is gone', async () => {
  write('20260101000000_first', createThing);
  await run();
  write('20260101000000_first', `${createThing}\n`);
  await expect(run()).rejects.toThrow('was changed after it had been applied');
  rmSync(join(folder, '20260101000000_first'), { recursive: true });
  await expect(run()).rejects.toThrow('the database is newer');
});

it('lets concurrent runners take turns', async () => {
  write('20260101000000_first', createThing);
  const applied = await Promise.all([run(), run(), run()]);
  expect(applied.flat()).toEqual(['migrate_probe/20260101000000_first']);
});
