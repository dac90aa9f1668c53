import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aMember, aPartner } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

/** Whose rows the role for looking across sees, and all that it sees. */
const ACCOUNTS = [
  'api_key',
  'invitation',
  'member',
  'partner',
  'partner_install',
  'service_credential',
  'service_credential_key',
  'workspace',
];
const WORK = ['feature_usage', 'idempotency', 'usage_note'];
const SECURED = [...ACCOUNTS, ...WORK].sort();
/** Secured too, but the login may not read them at all: it writes the one, and the across role alone has the others. */
const UNREAD = ['audit_outbox', 'oauth_client', 'oauth_grant'];
/** Tables with a workspace_id that are not under row security, each with its reason. */
const OPEN: Record<string, string> = {};

const countOf = (table: string) => `SELECT count(*)::int AS rows FROM ${table}`;
const enter = ({ workspace }: ApiCaller) =>
  `SELECT set_config('magistry.workspace_id', '${workspace.id}', true)`;

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
    const service = { name: 'sync', scopes: ['read'] };
    await caller.ask(identity.createServiceCredential, { body: service });
    const partner = { workspaceId: caller.workspace.id, scopes: ['read'], contactEmail: 'a@b.example' };
    const slug = `by-${caller.workspace.slug}`;
    await running.call(identity.createPartner, { ...partner, name: slug, slug });
    await running.call(identity.installPartner, { slug, workspaceId: caller.workspace.id });
    await aMember(running, caller.workspace.id, 'owner');
    await caller.ask(identity.createInvitation, { body: { email: 'new@b.example', role: 'viewer' } });
  }
});
afterAll(() => running.stop());

/** The counts that some statements gave, as the service's login on its one connection. */
async function counts(sql: string): Promise<number[]> {
  const results = [await running.asService(sql)].flat();
  return results.flatMap(({ rows }) => rows.flatMap((row) => ('rows' in row ? [row.rows] : [])));
}

test('every table of workspaces is secured by force, or open for a reason', async () => {
  const { rows } = await running.asOwner(
    `SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured
     FROM pg_class c
     WHERE c.relnamespace = 'identity'::regnamespace AND c.relkind IN ('r', 'p') AND (c.relname = 'workspace'
       OR EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'workspace_id'))
     ORDER BY c.relname`,
  );
  const named = (secured: boolean) => rows.filter((row) => row.secured === secured).map(({ name }) => name);
  expect([named(true), named(false)]).toEqual([[...UNREAD, ...SECURED].sort(), Object.keys(OPEN)]);
});

test.each(SECURED)(
  'outside of a workspace %s has no rows, also on a connection that was in one or failed in one',
  async (table) => {
    expect(await counts(countOf(table))).toEqual([0]);
    expect(await counts(`BEGIN; ${enter(one)}; ${countOf(table)}; COMMIT`)).toEqual([1]);
    expect(await counts(countOf(table))).toEqual([0]);
    await expect(counts(`BEGIN; ${enter(one)}; SELECT 1 / 0`)).rejects.toThrow('division by zero');
    await running.asService('ROLLBACK');
    expect(await counts(countOf(table))).toEqual([0]);
  },
);

test.each(SECURED)('a connection that was in one workspace shows only the other one in %s', async (table) => {
  const column = table === 'workspace' ? 'id' : 'workspace_id';
  const foreign = ({ workspace }: ApiCaller) => `${countOf(table)} WHERE ${column} <> ${workspace.id}`;
  const inside = (caller: ApiCaller) =>
    counts(`BEGIN; ${enter(caller)}; ${countOf(table)}; ${foreign(caller)}; COMMIT`);
  expect(await inside(one)).toEqual([1, 0]);
  expect(await inside(other)).toEqual([1, 0]);
});

test.each([
  ['feature_usage', (id: number) => `INSERT INTO feature_usage VALUES (${id}, 'posts', 'forged', 1)`],
  [
    'api_key',
    (id: number) => `INSERT INTO api_key (workspace_id, key_id, secret_hmac, pepper_id, name, prefix, scopes)
      VALUES (${id}, 'forged', sha256(''), 1, 'forged', 'sk_live', '{*}')`,
  ],
  [
    'invitation',
    (
      id: number,
    ) => `INSERT INTO invitation (workspace_id, token_hash, email, role, invited_by, created_at, expires_at)
      VALUES (${id}, sha256(''), 'forged@b.example', 'owner', 'key:1', now(), now())`,
  ],
  [
    'audit_outbox',
    (
      id: number,
    ) => `INSERT INTO audit_outbox (event_id, workspace_id, action, actor, subject, details, occurred_at)
      VALUES ('evt_forged', ${id}, 'api_key.created', 'forged', 'forged', '{}', now())`,
  ],
  ['workspace', () => `INSERT INTO workspace (slug, name, tier) VALUES ('forged', 'Forged', 'free')`],
])('inside of a workspace nothing can be written to %s for another', async (_, write) => {
  const forged = running.asService(`BEGIN; ${enter(one)}; ${write(other.workspace.id)}; COMMIT`);
  await expect(forged).rejects.toThrow('row-level security');
  await running.asService('ROLLBACK');
});

test('a workspace sees the people who are in it and no others, and nobody’s password', async () => {
  expect(await counts(countOf('user_account'))).toEqual([0]);
  expect(await counts(`BEGIN; ${enter(one)}; ${countOf('user_account')}; COMMIT`)).toEqual([1]);
  await expect(running.asService('SELECT password_hash FROM user_account')).rejects.toThrow(
    'permission denied',
  );
});

test('inside of a workspace no key of another can be ended', async () => {
  const end = 'UPDATE api_key SET revoked_at = now()';
  const [, , ended] = [await running.asService(`BEGIN; ${enter(one)}; ${end}; ROLLBACK`)].flat();
  expect(ended?.rowCount).toBe(1);
});

test('the login sees across workspaces only while it has taken the role for it, and then accounts alone', async () => {
  const across = 'magistry_identity_across';
  const all = await running.asOwner(countOf('workspace'));
  expect(
    await counts(`SET ROLE ${across}; ${countOf('workspace')}; RESET ROLE; ${countOf('workspace')}`),
  ).toEqual([all.rows[0]?.rows, 0]);
  for (const table of WORK) {
    await expect(running.asService(`SET ROLE ${across}; ${countOf(table)}`)).rejects.toThrow(
      'permission denied',
    );
  }
  expect(await counts(countOf('workspace'))).toEqual([0]);
  const { rows } = await running.asOwner(
    `SELECT rolname FROM pg_roles
     WHERE rolname LIKE 'magistry_identity%' AND (rolbypassrls OR rolsuper OR rolcanlogin)`,
  );
  expect(rows.map(({ rolname }) => rolname)).toEqual(['magistry_identity']);
});

test('a principal sees the workspace that it made, and ends it with the keys in it', async () => {
  const maker = await aCaller(running);
  const body = { name: 'Made by API' };
  const made = await maker.ask(identity.openWorkspace, { body, key: freshKey() });
  const { id } = made.json.data;
  const { id: keyId } = await running.call(identity.createApiKey, { workspaceId: id, name: 'inside' });
  const listed = await maker.ask(identity.listReachableWorkspaces);
  expect(listed.json.data.map((row: { id: number }) => row.id).sort()).toEqual(
    [maker.workspace.id, id].sort(),
  );
  await maker.ask(identity.deleteWorkspace, { params: { id: String(id) }, key: freshKey() });
  const { rows } = await running.asOwner('SELECT revoked_at FROM api_key WHERE id = $1', [keyId]);
  expect(rows[0]?.revoked_at).toBeInstanceOf(Date);
});

test('a slug that another workspace has is given to nobody', async () => {
  const opened = await one.ask(identity.openWorkspace, {
    body: { name: other.workspace.slug },
    key: freshKey(),
  });
  expect(opened.json.data.slug).not.toBe(other.workspace.slug);
});

test('a partner in many workspaces is found by its key, though no workspace is known yet', async () => {
  const { key } = await aPartner(running);
  expect((await running.call(identity.resolveCredential, { credential: key })).isPartner).toBe(true);
});

test('many requests of two workspaces over one pool each see their own', async () => {
  const seenBy = async (caller: ApiCaller) => {
    const [usage, keys] = await Promise.all([
      caller.ask(identity.getUsageSummary),
      caller.ask(identity.listApiKeys),
    ]);
    return [usage.json.data.entitlements.posts.used, keys.json.data.length];
  };
  const seen = await Promise.all(Array.from({ length: 60 }, (_, at) => seenBy(at % 2 ? other : one)));
  expect(seen).toEqual(Array.from({ length: 60 }, (_, at) => [at % 2 ? 5 : 3, 1]));
});

test('housekeeping removes what has served its time, of every workspace, and nothing else', async () => {
  const count = async () => (await running.asOwner(countOf('idempotency'))).rows[0]?.rows;
  const kept = await count();
  expect(kept).toBeGreaterThan(1);
  await running.keepHouse();
  expect(await count()).toBe(kept);
  await running.asOwner(`UPDATE idempotency SET expires_at = now() - interval '1 second'`);
  await running.asOwner(`UPDATE usage_note SET recorded_at = now() - interval '36 days'`);
  await running.keepHouse();
  expect(await count()).toBe(0);
  expect((await running.asOwner(countOf('usage_note'))).rows[0]?.rows).toBe(0);
});
