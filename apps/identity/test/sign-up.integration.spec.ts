import { randomBytes } from 'node:crypto';
import { identity } from '@magistry/contracts';
import { AcceptInvitation } from '../src/operations/accept-invitation.js';
import { LogIn } from '../src/operations/log-in.js';
import { SignUp } from '../src/operations/sign-up.js';
import { MembershipStore } from '../src/storage/membership-store.js';
import { aCaller, freshKey } from './caller.fixture.js';
import { aMember } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterEach(() => {
  running.clock.now = () => Date.now();
});
afterAll(() => running.stop());

const aPerson = (changed = {}) => ({
  email: `${randomBytes(5).toString('hex')}@new.example`,
  name: 'Ada Weaver',
  password: 'loom and shuttle',
  workspace: 'Oak Mill',
  address: '192.0.2.1',
  ...changed,
});
const signUp = (person: ReturnType<typeof aPerson>) => running.part(SignUp).execute(person);
const memberships = (userId: number) => running.part(MembershipStore).list(userId);
const outcomeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);

test('who signs up owns a workspace of the name given, and can log in', async () => {
  const person = aPerson();
  const { id } = await signUp(person);
  expect(await memberships(id)).toMatchObject([
    { role: 'owner', workspace: { name: 'Oak Mill', tier: 'free' } },
  ]);
  expect(await running.part(LogIn).execute(person)).toMatchObject({ id, email: person.email });
});

test('every field that is wrong is named', async () => {
  const wrong = aPerson({ email: 'x', name: '', password: 'short', workspace: 'a\u0000b' });
  const refused = await signUp(wrong).catch((error) => error);
  expect(refused.errors.map(({ path }: { path: string }) => path)).toEqual([
    'email',
    'name',
    'password',
    'workspace',
  ]);
});

test('an address that has an account is refused and nothing is made; who says its password is logged in', async () => {
  const person = aPerson();
  const { id } = await signUp(person);
  const again = { ...person, email: person.email.toUpperCase() };
  await expect(signUp({ ...again, password: 'another password' })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'email', code: 'taken' }],
  });
  expect(await signUp(again)).toMatchObject({ id });
  expect(await memberships(id)).toHaveLength(1);
});

test('guessing passwords through sign-up is limited like logging in', async () => {
  const person = aPerson();
  await signUp(person);
  const outcomes = [];
  for (let time = 0; time < 11; time += 1) {
    outcomes.push(await outcomeOf(signUp({ ...person, password: `guessed password ${time}` })));
  }
  expect(outcomes.slice(-2)).toEqual(['rate_limit_exceeded', 'rate_limit_exceeded']);
});

test('sign-ups of one address at once make one account and one workspace', async () => {
  const person = aPerson({ address: '192.0.2.2' });
  const told = await Promise.all(Array.from({ length: 9 }, () => signUp(person)));
  expect(new Set(told.map(({ id }) => id)).size).toBe(1);
  expect(await memberships(told[0]?.id ?? 0)).toHaveLength(1);
});

test('many sign-ups at once under one name of workspace all go through', async () => {
  const people = Array.from({ length: 20 }, () => aPerson({ workspace: 'Crowded Mill' }));
  const told = await Promise.all(people.map(signUp));
  const slugs = await Promise.all(told.map(async ({ id }) => (await memberships(id))[0]?.workspace.slug));
  expect(new Set(slugs).size).toBe(20);
});

describe('an invitation', () => {
  const invite = async (email: string, role = 'member') => {
    const caller = await aCaller(running);
    const asked = { body: { email, role }, key: freshKey() };
    const { json } = await caller.ask(identity.createInvitation, asked);
    return { caller, id: json.id as number, token: json.url.split('/').at(-1) as string };
  };
  const invitations = () => running.part(AcceptInvitation);
  const typed = { name: 'Ben Fuller', password: 'warp and weft' };

  test('is accepted by signing up with its address, once', async () => {
    const email = aPerson().email;
    const { caller, token } = await invite(email.toUpperCase());
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => outcomeOf(invitations().signUp(token, typed))),
    );
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    const { json } = await caller.ask(identity.listMembers);
    expect(json.data).toMatchObject([{ email, name: 'Ben Fuller', role: 'member' }]);
    expect(await outcomeOf(invitations().find(token))).toBe('not_found');
    const listed = await caller.ask(identity.listInvitations);
    expect(listed.json.data[0].status).toBe('accepted');
  });

  test('is accepted by an account of its address and by no other, however many try at once', async () => {
    const account = await signUp(aPerson());
    const other = await signUp(aPerson());
    const { caller, token } = await invite(account.email, 'admin');
    expect(await invitations().find(token)).toMatchObject({ hasAccount: true, role: 'admin' });
    expect(await outcomeOf(invitations().accept(token, other))).toBe('access_denied');
    expect(await outcomeOf(invitations().signUp(token, typed))).toBe('conflict');
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => outcomeOf(invitations().accept(token, account))),
    );
    expect(outcomes.sort()).toEqual(['done', ...Array(5).fill('not_found')]);
    expect(await memberships(account.id)).toMatchObject([
      { role: 'owner' },
      { role: 'admin', workspace: { id: caller.workspace.id } },
    ]);
  });

  test('leads nowhere once it is withdrawn, replaced, expired or its workspace has ended', async () => {
    const account = await signUp(aPerson());
    const accept = (token: string) => outcomeOf(invitations().accept(token, account));
    const withdrawn = await invite(account.email);
    const params = { invitation: String(withdrawn.id) };
    await withdrawn.caller.ask(identity.withdrawInvitation, { params, key: freshKey() });
    expect(await accept(withdrawn.token)).toBe('not_found');
    const replaced = await invite(account.email);
    const body = { email: account.email, role: 'viewer' };
    await replaced.caller.ask(identity.createInvitation, { body, key: freshKey() });
    expect(await accept(replaced.token)).toBe('not_found');
    const ended = await invite(account.email);
    const workspace = { id: String(ended.caller.workspace.id) };
    await ended.caller.ask(identity.deleteWorkspace, { params: workspace, key: freshKey() });
    expect(await accept(ended.token)).toBe('not_found');
    const expired = await invite(account.email);
    const expiresAt = Math.floor(Date.now() / 1_000) * 1_000 + 7 * DAY_MS;
    running.clock.now = () => expiresAt;
    expect(await accept(expired.token)).toBe('not_found');
    expect(await memberships(account.id)).toHaveLength(1);
  });

  test.each(['', 'x', '\u0000', 'A'.repeat(10_000), '../../etc'])(
    'by the link %j is not found',
    async (token) => {
      expect(await outcomeOf(invitations().find(token))).toBe('not_found');
    },
  );

  test('of somebody who has become a member meanwhile takes no role', async () => {
    const caller = await aCaller(running);
    const email = aPerson().email;
    const asked = { body: { email, role: 'viewer' }, key: freshKey() };
    const token = (await caller.ask(identity.createInvitation, asked)).json.url.split('/').at(-1);
    const admitted = { email, ...typed, role: 'admin', workspaceId: caller.workspace.id };
    const { userId } = await running.call(identity.admitUser, admitted);
    await invitations().accept(token, { id: userId, email, name: typed.name });
    expect(await memberships(userId)).toMatchObject([{ role: 'admin' }]);
  });
});

test('a workspace that has ended is no workspace of its members', async () => {
  const caller = await aCaller(running);
  const { userId } = await aMember(running, caller.workspace.id, 'owner');
  expect(await memberships(userId)).toHaveLength(1);
  await caller.ask(identity.deleteWorkspace, {
    params: { id: String(caller.workspace.id) },
    key: freshKey(),
  });
  expect(await memberships(userId)).toEqual([]);
});
