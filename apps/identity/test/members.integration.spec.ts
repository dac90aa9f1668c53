import { identity, type Role } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aMember } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  caller = await aCaller(running);
});
afterAll(() => running.stop());

interface Listed {
  id: number;
  name: string;
  email: string;
  role: Role;
}

const list = async (by = caller, query = ''): Promise<Listed[]> =>
  (await by.ask(identity.listMembers, { query })).json.data;
const update = (member: number | string, role: string, by = caller) =>
  by.ask(identity.updateMember, { params: { member: String(member) }, body: { role }, key: freshKey() });
const remove = (member: number | string, by = caller, key = freshKey()) =>
  by.ask(identity.removeMember, { params: { member: String(member) }, key });
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);
const admin = (by = caller) => by.as({ scopes: ['read', 'write'] });
const epoch = async () => (await running.call(identity.getCredentialEpoch, {})).epoch;

async function withMembers(...roles: Role[]): Promise<Listed[]> {
  for (const role of roles) await aMember(running, caller.workspace.id, role);
  return list();
}

test('members are listed page by page, with where to go on', async () => {
  await withMembers('owner', 'admin', 'viewer');
  const first = await caller.ask(identity.listMembers, { query: 'limit=2' });
  expect(first.json.data.map(({ role }: Listed) => role)).toEqual(['owner', 'admin']);
  expect(first.json.has_more).toBe(true);
  const query = `limit=2&cursor=${first.json.next_cursor}`;
  const rest = await caller.ask(identity.listMembers, { query });
  expect(rest.json).toMatchObject({ data: [{ role: 'viewer' }], has_more: false });
  expect(Object.keys(rest.json.data[0])).toEqual(['id', 'name', 'email', 'role', 'joined_at']);
  const end = await caller.ask(identity.listMembers, { query: `cursor=${rest.json.next_cursor}` });
  expect(end.json).toEqual({ data: [], next_cursor: rest.json.next_cursor, has_more: false });
});

test.each(['cursor=-1', 'cursor=x', 'cursor=9999999999', 'limit=1001', 'page=2'])(
  'a list by %s is refused',
  async (query) => expect(await codeOf(list(caller, query))).toBe('validation_failed'),
);

test('a member gets another role, and remembered credentials are forgotten', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  const before = await epoch();
  const told = await update(member?.id ?? 0, 'admin');
  expect(told.json).toMatchObject({ id: member?.id, email: member?.email, role: 'admin' });
  expect(await epoch()).toBeGreaterThan(before);
  expect((await list()).map(({ role }) => role)).toEqual(['owner', 'admin']);
});

test('who is taken out is listed no more and found no more, and may come back', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  const before = await epoch();
  expect((await remove(member?.id ?? 0)).status).toBe(204);
  expect(await epoch()).toBeGreaterThan(before);
  expect(await list()).toHaveLength(1);
  expect(await codeOf(remove(member?.id ?? 0))).toBe('not_found');
  const again = { email: member?.email ?? '', name: 'Back', password: 'another password', role: 'member' };
  await running.call(identity.admitUser, { ...again, workspaceId: caller.workspace.id });
  expect((await list())[1]).toMatchObject({ name: 'Back', role: 'member' });
});

test('what somebody let applications do here ends with the membership, and everywhere with the password', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  const elsewhere = await aCaller(running);
  const person = { email: member?.email ?? '', name: 'Ada', password: 'another password', role: 'viewer' };
  const admitIn = (workspaceId: number) => running.call(identity.admitUser, { ...person, workspaceId });
  const { userId } = await admitIn(elsewhere.workspace.id);
  await running.asOwner(
    `INSERT INTO oauth_client (client_id, workspace_id, registered_by, metadata, created_at)
     VALUES ('app', $1, 'partner:app', '{}', now())`,
    [elsewhere.workspace.id],
  );
  for (const { workspace } of [caller, elsewhere]) {
    await running.asOwner(
      `INSERT INTO oauth_grant (id, workspace_id, account_id, client_id, payload, expires_at)
       VALUES ($1::int4::text, $1::int4, $2, 'app', '{}', now() + interval '1 day')`,
      [workspace.id, String(userId)],
    );
  }
  const living = async () => {
    const { rows } = await running.asOwner(
      'SELECT workspace_id AS id FROM oauth_grant WHERE revoked_at IS NULL',
    );
    return rows.map(({ id }) => id);
  };
  await remove(member?.id ?? 0);
  expect(await living()).toEqual([elsewhere.workspace.id]);
  await admitIn(elsewhere.workspace.id);
  expect(await living()).toEqual([]);
});

test('the last owner can neither leave nor become less', async () => {
  const [owner] = await withMembers('owner', 'admin');
  expect(await codeOf(remove(owner?.id ?? 0))).toBe('conflict');
  expect(await codeOf(update(owner?.id ?? 0, 'admin'))).toBe('conflict');
  expect((await list())[0]?.role).toBe('owner');
});

test('of two owners who leave or step down at once, one stays', async () => {
  for (let round = 0; round < 8; round += 1) {
    caller = await aCaller(running);
    const owners = await withMembers('owner', 'owner', 'owner');
    const outcomes = await Promise.all(
      owners.map(({ id }, at) => codeOf(at % 2 ? remove(id) : update(id, 'viewer'))),
    );
    expect(outcomes.sort()).toEqual(['conflict', 'done', 'done']);
    expect((await list()).filter(({ role }) => role === 'owner')).toHaveLength(1);
  }
});

test('nobody gives or takes a role above their own', async () => {
  const [owner, , member] = await withMembers('owner', 'owner', 'member');
  expect(await codeOf(update(member?.id ?? 0, 'owner', admin()))).toBe('access_denied');
  expect(await codeOf(update(owner?.id ?? 0, 'viewer', admin()))).toBe('access_denied');
  expect(await codeOf(remove(owner?.id ?? 0, admin()))).toBe('access_denied');
  expect(await codeOf(update(member?.id ?? 0, 'viewer', caller.as({ scopes: ['members:write'] })))).toBe(
    'access_denied',
  );
});

test('members of another workspace, and what no id can be, are not found', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  const stranger = await aCaller(running);
  expect(await list(stranger)).toEqual([]);
  expect(await codeOf(update(member?.id ?? 0, 'admin', stranger))).toBe('not_found');
  expect(await codeOf(remove(member?.id ?? 0, stranger))).toBe('not_found');
  for (const id of ['0', '-1', 'x', '99999999999', "1' OR 1=1"]) {
    expect(await codeOf(remove(id))).toBe('not_found');
  }
});

test('a retried removal is 204 again', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  const key = freshKey();
  const told = await Promise.all([1, 2, 3].map(() => remove(member?.id ?? 0, caller, key)));
  expect(told.map(({ status }) => status)).toEqual([204, 204, 204]);
});

test.each([
  { email: 'not an address', role: 'viewer' },
  { email: 'a@b.example', role: 'root' },
  { email: 'a@b.example' },
  { email: 'a@b.example', role: 'viewer', workspace_id: 1 },
  { email: `${'a'.repeat(250)}@b.example`, role: 'viewer' },
  { email: 'a@b.example\nBcc: x@y.example', role: 'viewer' },
])('the invitation %j is refused', async (body) => {
  const asked = caller.ask(identity.createInvitation, { body, key: freshKey() });
  expect(await codeOf(asked)).toBe('validation_failed');
});

const invite = (email: string, role = 'viewer', by = caller, key = freshKey()) =>
  by.ask(identity.createInvitation, { body: { email, role }, key });
const invitations = async (by = caller) => (await by.ask(identity.listInvitations)).json.data;

test('an invitation tells its link once, and the same one to a retry', async () => {
  const key = freshKey();
  const told = await Promise.all([1, 2, 3].map(() => invite(' New@B.example', 'admin', caller, key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  expect(told[0]?.status).toBe(201);
  const { url, ...rest } = told[0]?.json ?? {};
  expect(url).toMatch(/^https:\/\/api\.example\.com\/oauth\/invitations\/[\w-]{43}$/);
  expect(rest).toMatchObject({ email: 'new@b.example', role: 'admin', status: 'open' });
  expect(rest.invited_by).toBe(caller.principalId);
  expect(await invitations()).toEqual([rest]);
  const { rows } = await running.asOwner('SELECT * FROM invitation WHERE workspace_id = $1', [
    caller.workspace.id,
  ]);
  expect(JSON.stringify(rows)).not.toContain(url.split('/').at(-1));
});

test('a new invitation takes the place of the open one, two at once included', async () => {
  await Promise.all([invite('twice@b.example'), invite('twice@b.example'), invite('twice@b.example')]);
  const statuses = (await invitations()).map(({ status }: { status: string }) => status);
  expect(statuses.sort()).toEqual(['open', 'withdrawn', 'withdrawn']);
});

test('whoever is a member cannot be invited', async () => {
  const [, member] = await withMembers('owner', 'viewer');
  expect(await codeOf(invite((member?.email ?? '').toUpperCase()))).toBe('conflict');
});

test('nobody invites above their own role', async () => {
  expect(await codeOf(invite('up@b.example', 'owner', admin()))).toBe('access_denied');
  expect(await invitations()).toEqual([]);
});

test('a withdrawn invitation stays listed as one, and cannot be withdrawn again or by a stranger', async () => {
  const { id } = (await invite('gone@b.example')).json;
  const withdraw = (by = caller) =>
    by.ask(identity.withdrawInvitation, { params: { invitation: String(id) }, key: freshKey() });
  expect(await codeOf(withdraw(await aCaller(running)))).toBe('not_found');
  expect((await withdraw()).status).toBe(204);
  expect(await invitations()).toMatchObject([{ id, status: 'withdrawn' }]);
  expect(await codeOf(withdraw())).toBe('not_found');
});

test('an operator who admits somebody again gives another password and takes no role', async () => {
  const [before] = await withMembers('owner');
  const again = { email: before?.email ?? '', name: 'Ada Again', password: 'a new password', role: 'viewer' };
  await running.call(identity.admitUser, { ...again, workspaceId: caller.workspace.id });
  expect(await list()).toMatchObject([{ id: before?.id, name: 'Ada Again', role: 'owner' }]);
});

test.each([{ password: 'short' }, { email: 'nobody' }, { role: 'root' }, { name: '' }])(
  'an operator admits nobody with %j',
  async (wrong) => {
    const person = { email: 'a@b.example', name: 'A', password: 'long enough for all', role: 'viewer' };
    const asked = running.call(identity.admitUser, {
      ...person,
      ...wrong,
      workspaceId: caller.workspace.id,
    });
    expect(await codeOf(asked)).toBe('validation_failed');
  },
);
