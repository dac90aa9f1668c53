import { RunningWebhooks } from './webhooks.fixture.js';

/** Tables of workspaces; each holds one row of two workspaces below. */
const SECURED = [
  ...['attempt', 'delivery', 'endpoint', 'endpoint_health', 'endpoint_secret', 'event', 'event_type'],
  ...['idempotency', 'job', 'published_id'],
];
const WORKSPACES = [7, 8];

let running: RunningWebhooks;

const rowsOf = (workspaceId: number) => `
  WITH made AS (INSERT INTO endpoint (workspace_id, url, events, api_version, created_by, created_at, updated_at)
    VALUES (${workspaceId}, 'https://a.example', '{*}', '2026-05-01', 'key:1', now(), now()) RETURNING id),
  health AS (INSERT INTO endpoint_health (endpoint_id, workspace_id) SELECT id, ${workspaceId} FROM made),
  secret AS (INSERT INTO endpoint_secret SELECT id, 1, ${workspaceId}, '', now(), NULL FROM made),
  sent AS (INSERT INTO delivery (created_at, workspace_id, endpoint_id, event_id, event_type, next_attempt_at,
      queued_at) SELECT now(), ${workspaceId}, id, 'evt_1', 'a.b', now(), now() FROM made RETURNING id, endpoint_id),
  tried AS (INSERT INTO attempt (created_at, delivery_id, number, workspace_id, endpoint_id, cause, url, succeeded,
      started_at, duration_ms)
    SELECT now(), id, 1, ${workspaceId}, endpoint_id, 'event', 'https://a.example', true, now(), 1 FROM sent),
  job AS (INSERT INTO job (id, workspace_id, type, endpoint_id, request, created_by, created_at)
    SELECT 'job_' || id, ${workspaceId}, 'webhook_replay', id, '{}', 'key:1', now() FROM made),
  happened AS (INSERT INTO event (created_at, workspace_id, id, type, data, is_platform)
    VALUES (now(), ${workspaceId}, 'evt_1', 'a.b', '{}', false)),
  named AS (INSERT INTO published_id VALUES (${workspaceId}, 'evt_1', '', now())),
  kind AS (INSERT INTO event_type VALUES (${workspaceId}, 'a.b', 1, '{}', NULL, now()))
  INSERT INTO idempotency VALUES (${workspaceId}, '', '', 'req', '', now() + interval '1 day')`;

beforeAll(async () => {
  running = await RunningWebhooks.start();
  for (const workspaceId of WORKSPACES) await running.asOwner(rowsOf(workspaceId));
});
afterAll(() => running.stop());

const countOf = (table: string) => `SELECT count(*)::int AS rows FROM ${table}`;
const enter = (workspaceId: number) => `SELECT set_config('magistry.workspace_id', '${workspaceId}', true)`;

async function counts(sql: string): Promise<number[]> {
  const results = [await running.asService(sql)].flat();
  return results.flatMap(({ rows }) => rows.flatMap((row) => ('rows' in row ? [row.rows] : [])));
}

test('every table of workspaces is secured by force, and so is every partition', async () => {
  const { rows } = await running.asOwner(
    `SELECT c.relname AS name, c.relispartition AS "isPartition",
       c.relrowsecurity AND c.relforcerowsecurity AS secured
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'webhooks'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`,
  );
  expect(rows.filter((row) => !row.secured)).toEqual([]);
  expect(rows.filter((row) => !row.isPartition).map(({ name }) => name)).toEqual(SECURED);
  expect(rows.filter((row) => row.isPartition).length).toBeGreaterThanOrEqual(9);
});

test.each(SECURED)('outside of a workspace %s has no rows, and inside only its own', async (table) => {
  expect(await counts(countOf(table))).toEqual([0]);
  const foreign = `${countOf(table)} WHERE workspace_id <> 7`;
  expect(await counts(`BEGIN; ${enter(7)}; ${countOf(table)}; ${foreign}; COMMIT`)).toEqual([1, 0]);
  expect(await counts(countOf(table))).toEqual([0]);
});

test('a partition cannot be reached past its table', async () => {
  const { rows } = await running.asOwner(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'delivery'::regclass`,
  );
  await expect(running.asService(`SELECT * FROM ${rows[0]?.name}`)).rejects.toThrow('permission denied');
});

test('the login looks across workspaces only while it has taken the role for it', async () => {
  const across = 'SET ROLE magistry_webhooks_across';
  expect(await counts(`${across}; ${countOf('delivery')}; RESET ROLE; ${countOf('delivery')}`)).toEqual([
    2, 0,
  ]);
});

test('attempts are added and never changed or removed', async () => {
  for (const role of ['RESET ROLE', 'SET ROLE magistry_webhooks_across']) {
    for (const change of ['UPDATE attempt SET number = 2', 'DELETE FROM attempt', 'TRUNCATE attempt']) {
      await expect(running.asService(`${role}; ${change}`)).rejects.toThrow('permission denied');
    }
  }
  await running.asService('RESET ROLE');
});

test('weeks are made once, also by two at a time, and go when nothing in them is kept', async () => {
  const span = `make_partitions('2031-01-01', '2031-01-10')`;
  const made = await Promise.all(
    [1, 2].map(() => running.database.across.query<{ made: number }>({ text: `SELECT ${span} AS made` })),
  );
  expect(made.flat().map((row) => row.made)).toEqual(expect.arrayContaining([6, 0]));
  const drop = async (before: string) => {
    const text = `SELECT drop_partitions($1) AS dropped`;
    const [row] = await running.database.across.query<{ dropped: string[] }>({ text, values: [before] });
    return row?.dropped;
  };
  expect(await drop('2031-01-05T23:59:59Z')).not.toContain('delivery_20301230');
  expect(await drop('2031-01-06T00:00:00Z')).toEqual([
    'attempt_20301230',
    'delivery_20301230',
    'event_20301230',
  ]);
});
