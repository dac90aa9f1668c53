import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';

const SCHEMA = 'agents';
const LOGIN = `magistry_${SCHEMA}`;
const [OWN, OTHER] = [1, 2];
/** Tables that belong to no workspace, each with its reason; no request sees any of them. */
const OF_THE_DEPLOYMENT: Record<string, string> = {
  audit_relay: 'counts how far the audit events of all workspaces are published',
  github_event: "GitHub delivers to the deployment; that an event came says nothing of a workspace's",
  github_command:
    'a command becomes a run of the workspace that the deployment names, and is answered on GitHub',
};

interface Column {
  readonly name: string;
  readonly type: string;
}

/** A value of the type that differs by workspace wherever the type allows it. */
function sampleOf({ name, type }: Column, workspaceId: number): string {
  if (name === 'workspace_id') return String(workspaceId);
  if (type.endsWith('[]')) return `'{}'::${type}`;
  if (/^(integer|bigint|smallint|numeric|real|double precision)/.test(type)) return String(workspaceId);
  if (type === 'text' || type.startsWith('character')) return `'text ${workspaceId}'`;
  if (/^jsonb?$/.test(type)) return `'{}'`;
  if (/^(timestamp|date)/.test(type)) return 'now()';
  if (type === 'boolean') return 'true';
  if (type === 'bytea') return `'\\x0${workspaceId}'`;
  if (type === 'uuid') return 'gen_random_uuid()';
  throw new Error(`say here what a value of ${type} is: ${name} has that type`);
}

let database: TestDatabase;
let owner: pg.Client;
let service: pg.Client;
let tables: string[];
const inserts = new Map<string, (workspaceId: number) => string>();

beforeAll(async () => {
  database = await createTestDatabase(SCHEMA);
  owner = new pg.Client({ connectionString: database.adminUrl });
  service = new pg.Client({ connectionString: database.url });
  await Promise.all([owner.connect(), service.connect()]);
  await owner.query(`SET search_path = ${SCHEMA}`);
  tables = await tableNames();
  await freeOfRules();
  for (const table of tables) {
    const insert = await insertOf(table);
    inserts.set(table, insert);
    for (const workspaceId of [OWN, OTHER]) await owner.query(insert(workspaceId));
  }
});
afterAll(async () => {
  await Promise.all([owner.end(), service.end()]);
  await database.drop();
});

async function tableNames(): Promise<string[]> {
  const { rows } = await owner.query(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
    [SCHEMA],
  );
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(OF_THE_DEPLOYMENT, name));
}

// Here any value will do: who may see a row does not depend on what else is in it.
async function freeOfRules(): Promise<void> {
  const { rows } = await owner.query(
    `SELECT conrelid::regclass AS table, conname AS name FROM pg_constraint
     WHERE connamespace = $1::regnamespace AND contype IN ('c', 'f')`,
    [SCHEMA],
  );
  for (const { table, name } of rows) await owner.query(`ALTER TABLE ${table} DROP CONSTRAINT "${name}"`);
  for (const table of tables) await owner.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
}

async function insertOf(table: string): Promise<(workspaceId: number) => string> {
  const { rows } = await owner.query<Column>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = ''
       AND attnotnull AND (NOT atthasdef OR attname = 'workspace_id')`,
    [table],
  );
  const names = rows.map(({ name }) => name).join(', ');
  return (workspaceId) =>
    `INSERT INTO ${table} (${names}) VALUES (${rows.map((column) => sampleOf(column, workspaceId)).join(', ')})`;
}

/** As the service's login in its own workspace, undone afterwards. */
async function inside(sql: string): Promise<pg.QueryResult> {
  await service.query('BEGIN');
  try {
    await service.query(`SELECT set_config('magistry.workspace_id', '${OWN}', true)`);
    return await service.query(sql);
  } finally {
    await service.query('ROLLBACK');
  }
}

async function may(table: string, right: 'SELECT' | 'INSERT'): Promise<boolean> {
  const { rows } = await owner.query('SELECT has_table_privilege($1, $2, $3) AS allowed', [
    LOGIN,
    table,
    right,
  ]);
  return rows[0].allowed;
}

test('every table belongs to a workspace and is secured by force', async () => {
  const { rows } = await owner.query(
    `SELECT relname AS name FROM pg_class c WHERE relname = ANY($1) AND relnamespace = $2::regnamespace
     AND NOT (relrowsecurity AND relforcerowsecurity AND EXISTS
       (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'workspace_id' AND attnotnull))`,
    [tables, SCHEMA],
  );
  expect(rows).toEqual([]);
  expect(tables.length).toBeGreaterThan(7);
});

test('inside of a workspace no table shows a row of another, and outside of any none shows one', async () => {
  for (const table of tables) {
    if (!(await may(table, 'SELECT'))) continue;
    const { rows } = await inside(`SELECT workspace_id FROM ${table}`);
    const outside = await service.query(`SELECT workspace_id FROM ${table}`);
    expect({ table, rows, outside: outside.rows }).toEqual({
      table,
      rows: [{ workspace_id: OWN }],
      outside: [],
    });
  }
});

test('inside of a workspace nothing is written for another', async () => {
  for (const table of tables) {
    const forged = inside(inserts.get(table)?.(OTHER) ?? '').then(
      () => `${table} took it`,
      ({ message }: Error) => message,
    );
    const refusal = (await may(table, 'INSERT')) ? /row-level security/ : /permission denied/;
    expect(await forged).toMatch(refusal);
  }
});

test('the login passes no policy by, and looks across only in the role for it', async () => {
  const { rows } = await owner.query(
    `SELECT rolname, rolsuper OR rolbypassrls AS passes, pg_has_role($1, oid, 'USAGE') AS inherited
     FROM pg_roles WHERE rolname IN ($1, $1 || '_across') ORDER BY rolname`,
    [LOGIN],
  );
  expect(rows).toEqual([
    { rolname: LOGIN, passes: false, inherited: true },
    { rolname: `${LOGIN}_across`, passes: false, inherited: false },
  ]);
});

test.each(Object.keys(OF_THE_DEPLOYMENT))(
  '%s, which is of no workspace, is closed to requests',
  async (table) => {
    const { rows } = await owner.query(
      'SELECT relrowsecurity AND relforcerowsecurity AS "isForced" FROM pg_class WHERE oid = $1::regclass',
      [`${SCHEMA}.${table}`],
    );
    expect(rows).toEqual([{ isForced: true }]);
    await expect(service.query(`SELECT * FROM ${table}`)).rejects.toThrow(/permission denied/);
  },
);
