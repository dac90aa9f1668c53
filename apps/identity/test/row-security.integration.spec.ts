import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const SECURED = ['feature_usage', 'idempotency', 'usage_note'];
/** Read across workspaces on every request's path, by one role; they wait for roles of their own. */
const OPEN = ['api_key', 'partner', 'partner_install'];

let running: RunningIdentity;
let one: ApiCaller;
let other: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
  [one, other] = [await aCaller(running), await aCaller(running)];
  for (const [caller, quantity] of [
    [one, 3],
    [other, 5],
  ] as const) {
    const body = { feature: 'posts', quantity, metadata: { by: caller.workspace.slug } };
    await caller.ask(identity.recordUsage, { body, key: freshKey() });
  }
});
afterAll(() => running.stop());

test('every table of a workspace is secured by force, or known not to be', async () => {
  const { rows } = await running.asOwner(
    `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
     WHERE c.relnamespace = 'identity'::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
  );
  const named = (secured: boolean) => rows.filter((row) => row.secured === secured).map(({ name }) => name);
  expect([named(true), named(false)]).toEqual([SECURED, OPEN]);
});

test.each(SECURED)(
  'outside of a workspace %s has no rows, also on a connection that was in one',
  async (table) => {
    const count = `SELECT count(*)::int AS rows FROM ${table}`;
    const rowsOf = async (sql: string) => [await running.asService(sql)].flat().map(({ rows }) => rows[0]);
    expect(await rowsOf(count)).toEqual([{ rows: 0 }]);
    const enter = `SELECT set_config('magistry.workspace_id', '${one.workspace.id}', true)`;
    const inside = await rowsOf(`BEGIN; ${enter}; ${count}; COMMIT`);
    expect(inside[2]).toEqual({ rows: 1 });
    expect(await rowsOf(count)).toEqual([{ rows: 0 }]);
  },
);

test('inside of a workspace nothing can be written for another', async () => {
  const enter = `SELECT set_config('magistry.workspace_id', '${one.workspace.id}', true)`;
  const write = `INSERT INTO feature_usage VALUES (${other.workspace.id}, 'posts', 'forged', 1)`;
  await expect(running.asService(`BEGIN; ${enter}; ${write}; COMMIT`)).rejects.toThrow('row-level security');
  await running.asService('ROLLBACK');
});

test('many requests of two workspaces over one pool each see their own', async () => {
  const used = async (caller: ApiCaller) =>
    (await caller.ask(identity.getUsageSummary)).json.data.entitlements.posts.used;
  const seen = await Promise.all(Array.from({ length: 60 }, (_, at) => used(at % 2 ? other : one)));
  expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => (at % 2 ? 5 : 3)));
});

test('housekeeping removes what has served its time, of every workspace, and nothing else', async () => {
  const count = async () =>
    (await running.asOwner('SELECT count(*)::int AS rows FROM idempotency')).rows[0]?.rows;
  expect(await count()).toBe(2);
  await running.keepHouse();
  expect(await count()).toBe(2);
  await running.asOwner(`UPDATE idempotency SET expires_at = now() - interval '1 second'`);
  await running.asOwner(`UPDATE usage_note SET recorded_at = now() - interval '36 days'`);
  await running.keepHouse();
  expect(await count()).toBe(0);
  const notes = await running.asOwner('SELECT count(*)::int AS rows FROM usage_note');
  expect(notes.rows[0]?.rows).toBe(0);
});
