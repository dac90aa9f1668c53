import { identity } from '@magistry/contracts';
import { AcceptInvitation } from '../src/operations/accept-invitation.js';
import { LogIn } from '../src/operations/log-in.js';
import { SignUp } from '../src/operations/sign-up.js';
import { aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const PASSWORD = 'loom and shuttle';
const ADDRESS = '192.0.2.1';

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

const logIn = (email: string, password: string) =>
  running
    .part(LogIn)
    .execute({ email, password, address: ADDRESS })
    .catch(() => undefined);

test('what people do is told in the log of the workspace, and logins in nobody’s', async () => {
  const caller = await aCaller(running);
  const email = 'audited@new.example';
  const asked = { body: { email, role: 'viewer' }, key: freshKey() };
  const invited = await caller.ask(identity.createInvitation, asked);
  const token = invited.json.url.split('/').at(-1);
  const { id } = await running.part(AcceptInvitation).signUp(token, { name: 'Ada', password: PASSWORD });
  const { json } = await caller.ask(identity.listMembers);
  const params = { member: String(json.data[0].id) };
  await caller.ask(identity.updateMember, { params, body: { role: 'admin' }, key: freshKey() });
  await caller.ask(identity.removeMember, { params, key: freshKey() });
  await logIn(email, PASSWORD);
  await logIn(email, 'wrong');
  await logIn('nobody-at-all@new.example', 'wrong');
  const { rows } = await running.asOwner(
    `SELECT workspace_id = $1 AS here, action, actor, subject, details FROM audit_outbox
     WHERE workspace_id = $1 OR action LIKE 'login.%' ORDER BY number`,
    [caller.workspace.id],
  );
  const user = `user:${id}`;
  const key = caller.principalId;
  const invitation = `invitation:${invited.json.id}`;
  const told = rows.filter(({ action }) => !/^(workspace|api_key)/.test(action));
  expect(told.map(({ here, action, actor, subject }) => [here, action, actor, subject])).toEqual([
    [true, 'member.invited', key, invitation],
    [true, 'user.created', user, user],
    [true, 'member.joined', user, user],
    [true, 'member.role_changed', key, user],
    [true, 'member.removed', key, user],
    [null, 'login.succeeded', user, user],
    [null, 'login.failed', user, user],
    [null, 'login.failed', 'user:unknown', 'user:unknown'],
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/example|loom|argon2/);
});

test('a sign-up tells of the person and the workspace; a refused one of the login alone', async () => {
  const person = { email: 'new@new.example', name: 'Ada', password: PASSWORD, workspace: 'Mill' };
  const signUp = (password: string) =>
    running
      .part(SignUp)
      .execute({ ...person, password, address: ADDRESS })
      .catch(() => undefined);
  const actions = async () => {
    const { rows } = await running.asOwner('SELECT action FROM audit_outbox ORDER BY number');
    return rows.map(({ action }) => action);
  };
  const before = (await actions()).length;
  await signUp(PASSWORD);
  await signUp('another password');
  expect((await actions()).slice(before)).toEqual(['user.created', 'workspace.created', 'login.failed']);
});
