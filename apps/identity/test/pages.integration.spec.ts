import { randomBytes } from 'node:crypto';
import { identity } from '@magistry/contracts';
import { aCaller } from './caller.fixture.js';
import { aMember, aPartner, aWorkspace } from './identity.fixture.js';
import { hiddenFields, ORIGIN, PageVisitor } from './page-visitor.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const HOSTILE = `"><script>alert('x')</script>`;
const PASSWORD = 'loom and shuttle';

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

const visit = (address?: string) => PageVisitor.of(running, address);
const aPerson = () => ({ email: `${randomBytes(5).toString('hex')}@new.example`, name: 'Ada Weaver' });

async function signedUp(visitor: PageVisitor, workspace = `Mill ${randomBytes(4).toString('hex')}`) {
  const person = { ...aPerson(), password: PASSWORD, workspace };
  const told = await visitor.send('/oauth/signup', person);
  expect([told.status, told.location]).toEqual([303, '/oauth/account']);
  const { location } = await visitor.ask('/oauth/account');
  return { ...person, keys: location ?? '', home: location?.replace(/\/keys$/, '') ?? '' };
}

test.each([
  ['/oauth/login', 200],
  ['/oauth/signup', 200],
  ['/oauth/account', 303],
  ['/oauth/invitations/unknown', 404],
  ['/oauth/interaction/unknown', 400],
  ['/oauth/account/nowhere/keys', 303],
  ['/oauth/account/a/b/c', 404],
  ['/oauth/account/%E0%A4%A', 404],
])('%s is %i under a policy that lets nothing in', async (path, status) => {
  const seen = await (await visit()).ask(path);
  expect(seen.status).toBe(status);
  expect(seen.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
  expect(seen.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(seen.headers.get('x-frame-options')).toBe('DENY');
  expect(seen.headers.get('cache-control')).toBe('no-store');
  expect(seen.headers.get('referrer-policy')).toBe('same-origin');
});

test('cookies are for us alone: out of the reach of scripts, other sites and plain HTTP', async () => {
  const visitor = await visit();
  const first = (await visitor.ask('/oauth/signup')).headers.getSetCookie();
  const set = [
    ...first,
    ...(
      await visitor.send('/oauth/signup', { ...aPerson(), password: PASSWORD, workspace: 'M' })
    ).headers.getSetCookie(),
  ];
  expect(set.length).toBeGreaterThan(2);
  for (const cookie of set)
    expect(cookie).toMatch(
      /; secure; (httponly; )?samesite=lax(; httponly)?|samesite=lax; secure; httponly/i,
    );
  expect(first[0]).toMatch(/^__Host-magistry_form=[\w-]{32}; path=\/;/);
});

describe('a form that is not ours', () => {
  const login = { email: 'a@b.example', password: 'x', answer: 'login' };
  const refused = async (fields: object, headers = {}, forget = false) => {
    const visitor = await visit();
    const { text } = await visitor.ask('/oauth/login');
    if (forget) visitor.cookies.clear();
    const told = await visitor.post('/oauth/login', { ...hiddenFields(text), ...login, ...fields }, headers);
    return told.status;
  };

  test('is refused without its token, with another’s, without the cookie, or from another site', async () => {
    const others = hiddenFields((await (await visit()).ask('/oauth/login')).text);
    expect(await refused({})).toBe(401);
    expect(await refused({ form_token: '' })).toBe(403);
    expect(await refused(others)).toBe(403);
    expect(await refused({}, {}, true)).toBe(403);
    expect(await refused({}, { origin: 'https://evil.example' })).toBe(403);
    expect(await refused({}, { origin: 'null' })).toBe(403);
    expect(await refused({}, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await refused({}, { 'sec-fetch-site': 'same-site' })).toBe(403);
  });

  test('that is no form, too large or sent by another method is refused in words', async () => {
    const visitor = await visit();
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await visitor.ask('/oauth/login', json)).status).toBe(415);
    expect((await visitor.post('/oauth/login', { email: 'x'.repeat(40_000) })).status).toBe(413);
    expect((await visitor.ask('/oauth/login', { method: 'DELETE' })).status).toBe(405);
    expect((await visitor.post('/oauth/account', {})).status).toBe(405);
  });
});

test('what was typed is shown again escaped, and the password not at all', async () => {
  const fields = { name: HOSTILE, email: HOSTILE, password: 'short-secret', workspace: HOSTILE };
  const { status, text } = await (await visit()).send('/oauth/signup', fields);
  expect(status).toBe(422);
  expect(text).not.toContain('<script');
  expect(text).not.toContain('short-secret');
  expect(text).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;');
  expect(text).toContain('<a href="#email">E-mail address must look like name@example.com</a>');
  expect(text).toMatch(/aria-describedby="email-error"\s+aria-invalid="true"/);
});

test('the tenth failure is 429 and says when to come back, for this address and account', async () => {
  const visitor = await visit('192.0.2.60');
  const { email } = await aMember(running, (await aWorkspace(running)).id, 'owner');
  const statuses = [];
  for (let time = 0; time < 11; time += 1) {
    const told = await visitor.send('/oauth/login', { email, password: 'wrong' });
    statuses.push(told.status);
    if (time === 10) expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(500);
  }
  expect(statuses).toEqual([...Array(9).fill(401), 429, 429]);
});

test('a login begins under a new identifier, and one that is over opens nothing', async () => {
  const visitor = await visit();
  const { email, keys } = await signedUp(visitor);
  const before = visitor.cookies.get('_session');
  expect((await visitor.ask(keys)).status).toBe(200);
  await visitor.send('/oauth/login', { email, password: PASSWORD });
  const after = new Map(visitor.cookies);
  expect(after.get('_session')).not.toBe(before);
  const { text } = await visitor.ask(keys);
  const [, formToken = ''] = /name="form_token" value="([^"]*)"/.exec(text) ?? [];
  expect((await visitor.post('/oauth/account/logout', { form_token: formToken })).location).toBe(
    '/oauth/login',
  );
  for (const [name, value] of after) visitor.cookies.set(name, value);
  expect((await visitor.ask(keys)).location).toBe('/oauth/login');
});

test('a forged or tampered session opens nothing', async () => {
  const visitor = await visit();
  const { keys } = await signedUp(visitor);
  visitor.cookies.set('_session', `${visitor.cookies.get('_session')?.slice(1)}x`);
  expect((await visitor.ask(keys)).location).toBe('/oauth/login');
});

test('a form that is sent twice makes one key, and shows it both times', async () => {
  const visitor = await visit();
  const { keys } = await signedUp(visitor);
  const { text } = await visitor.ask(keys);
  const fields = { ...hiddenFields(text), answer: 'make', name: HOSTILE, reach: 'read' };
  const told = await Promise.all([1, 2, 3].map(() => visitor.post(keys, fields)));
  const shown = told.map(({ text: page }) => /sk_live_\w+_\w{48}_\w{8}/.exec(page)?.[0]);
  expect(new Set(shown).size).toBe(1);
  expect(shown[0]).toMatch(/^sk_live_/);
  expect(told.every(({ text: page }) => !page.includes('<script'))).toBe(true);
  const resolved = await running.call(identity.resolveCredential, { credential: shown[0] ?? '' });
  expect(resolved.scopes).toEqual(['read']);
  expect((await visitor.ask(keys)).text).not.toContain(shown[0]);
});

test('a workspace of others is 404, its keys and partners cannot be touched', async () => {
  const [ada, ben] = [await visit(), await visit()];
  const { keys } = await signedUp(ada);
  await signedUp(ben);
  expect((await ben.ask(keys)).status).toBe(404);
  const { text } = await ben.ask('/oauth/signup');
  const told = await ben.post(keys, { ...hiddenFields(text), answer: 'make', name: 'x', reach: 'read' });
  expect(told.status).toBe(404);
});

test('a viewer sees no forms, and is refused when one is sent all the same', async () => {
  const caller = await aCaller(running);
  const { email, password } = await aMember(running, caller.workspace.id, 'viewer');
  const visitor = await visit();
  await visitor.send('/oauth/login', { email, password });
  const home = `/oauth/account/${caller.workspace.slug}`;
  for (const [part, fields] of [
    ['keys', { answer: 'make', name: 'x', reach: 'read' }],
    ['partners', { answer: 'install', slug: 'x' }],
    ['members', { answer: 'invite', email: 'x@b.example', role: 'owner' }],
  ] as const) {
    const { text } = await visitor.ask(`${home}/${part}`);
    expect(text).toContain('Your role does not');
    const token = hiddenFields((await visitor.ask('/oauth/signup')).text);
    expect((await visitor.post(`${home}/${part}`, { ...token, ...fields })).status).toBe(403);
  }
  // Leaving is everybody's.
  const { text } = await visitor.ask(`${home}/members`);
  const left = await visitor.post(`${home}/members`, { ...hiddenFields(text), answer: 'remove' });
  expect(left.location).toBe('/oauth/account');
  expect((await visitor.ask(`${home}/members`)).status).toBe(404);
});

test('an admin makes nobody an owner, and the last owner stays, in words', async () => {
  const visitor = await visit();
  const { home } = await signedUp(visitor);
  const { text } = await visitor.ask(`${home}/members`);
  const [, member = ''] = /name="member" value="(\d+)"/.exec(text) ?? [];
  const token = hiddenFields(text);
  const leave = await visitor.post(`${home}/members`, { ...token, member, answer: 'remove' });
  expect(leave.status).toBe(409);
  expect(leave.text).toContain('last owner');
  const odd = await visitor.post(`${home}/members`, { ...token, member, answer: 'change', role: 'root' });
  expect(odd.status).toBe(422);
});

test('a partner is installed with what it asks for and taken out, by its own name escaped', async () => {
  const { slug } = await aPartner(running, { installs: 0, scopes: ['decisions:read', 'planner:write'] });
  const visitor = await visit();
  const { home } = await signedUp(visitor);
  const partners = `${home}/partners`;
  const { text } = await visitor.ask(partners);
  const { form_token: token = '' } = hiddenFields(text);
  const installs = async () => {
    const { rows } = await running.asOwner(
      `SELECT i.scopes FROM partner_install i
       JOIN partner p ON p.id = i.partner_id JOIN workspace w ON w.id = i.workspace_id
       WHERE p.slug = $1 AND w.slug = $2 AND i.uninstalled_at IS NULL`,
      [slug, home.split('/').at(-1)],
    );
    return rows.map(({ scopes }) => scopes);
  };
  const send = (answer: string) => visitor.post(partners, { form_token: token, answer, slug });
  expect((await send('install')).location).toBe(partners);
  expect(await installs()).toEqual([['decisions:read', 'planner:write']]);
  expect((await visitor.ask(partners)).text).toContain('Propose decisions');
  expect((await send('uninstall')).location).toBe(partners);
  expect(await installs()).toEqual([]);
});

test('while nobody is logged in an invitation leads to no workspace, and no address leads elsewhere', async () => {
  const visitor = await visit();
  for (const path of ['/oauth/login?return=https://evil.example', '/oauth/login//evil.example']) {
    const told = await visitor.ask(path);
    expect(told.location ?? ORIGIN).not.toContain('evil');
  }
  const { email } = await aMember(running, (await aWorkspace(running)).id, 'owner', PASSWORD);
  const fields = {
    email,
    password: PASSWORD,
    return: 'https://evil.example',
    redirect_uri: '//evil.example',
  };
  expect((await visitor.send('/oauth/login', fields)).location).toBe('/oauth/account');
});
