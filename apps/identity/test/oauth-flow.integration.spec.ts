import { identity } from '@magistry/contracts';
import * as client from 'openid-client';
import {
  aCast,
  anAuthorizationUrl,
  asPublic,
  Browser,
  ISSUER,
  logIn,
  reach,
  redeem,
} from './oauth.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const refused = { code: 'unauthorized', message: 'The credential is unknown, revoked or expired.' };

test('a code with PKCE gives an access token of 15 minutes that acts where the person let it', async () => {
  const cast = await aCast(running, asPublic());
  const tokens = await logIn(running, cast);
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 900 });
  expect(tokens.access_token).toMatch(/^at_[A-Za-z0-9_-]{43}$/);
  expect(tokens.claims()).toMatchObject({ iss: ISSUER, sub: cast.accountId, aud: cast.clientId });
  const holder = await resolve(tokens.access_token);
  expect(holder).toMatchObject({
    principalId: expect.stringMatching(/^grant:/),
    actor: `user:${cast.accountId}`,
    scopes: ['decisions:read', 'planner:write'],
    tier: 'pro',
    dpopThumbprint: '',
    workspace: { id: cast.workspace.id, slug: cast.workspace.slug },
  });
  expect(holder.expiresUnixMs - Date.now()).toBeLessThanOrEqual(900_000);
});

test('a token does no more than the role of its person, at any time', async () => {
  const cast = await aCast(running, asPublic(), 'viewer');
  const { access_token } = await logIn(running, cast);
  expect((await resolve(access_token)).scopes).toEqual(['decisions:read']);
  await running.asOwner('UPDATE member SET removed_at = now() WHERE workspace_id = $1', [cast.workspace.id]);
  await expect(resolve(access_token)).rejects.toMatchObject(refused);
});

test('what a person refuses is not in the token, and the application is not asked again for it', async () => {
  const cast = await aCast(running, asPublic());
  const { url, verifier, state } = await anAuthorizationUrl(cast);
  const back = await new Browser(running, cast).authorize(url, ['planner:write']);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  const { access_token } = await client.authorizationCodeGrant(cast.config, back, checks);
  expect((await resolve(access_token)).scopes).toEqual(['decisions:read']);
});

test('a client by itself acts in its own workspace, and its token is told apart from a person’s', async () => {
  const cast = await aCast(running);
  const tokens = await client.clientCredentialsGrant(cast.config, { scope: 'decisions:read' });
  expect(tokens.access_token).toMatch(/^at_/);
  const holder = `client:${cast.clientId}`;
  expect(await resolve(tokens.access_token)).toMatchObject({
    ...{
      principalId: holder,
      actor: holder,
      scopes: ['decisions:read'],
      workspace: { id: cast.workspace.id },
    },
  });
});

test('a token is dead at its very end, with its workspace and with its application', async () => {
  const changes: [string, (id: number) => string][] = [
    [
      'expired',
      (id) => `UPDATE oauth_access_token t SET expires_at = now() FROM oauth_client c
       WHERE c.client_id = t.client_id AND c.workspace_id = ${id}`,
    ],
    ['workspace', (id) => `UPDATE workspace SET deleted_at = now() WHERE id = ${id}`],
    ['application', (id) => `UPDATE oauth_client SET removed_at = now() WHERE workspace_id = ${id}`],
  ];
  for (const [, change] of changes) {
    const cast = await aCast(running);
    const { access_token } = await client.clientCredentialsGrant(cast.config, { scope: 'decisions:read' });
    await resolve(access_token);
    await running.asOwner(change(cast.workspace.id));
    await expect(resolve(access_token)).rejects.toMatchObject(refused);
  }
});

test('introspection tells a client of its own tokens and of nobody else’s', async () => {
  const [one, other] = [await aCast(running), await aCast(running)];
  const { access_token, refresh_token = '' } = await logIn(running, one);
  for (const token of [access_token, refresh_token]) {
    expect(await client.tokenIntrospection(one.config, token)).toMatchObject({
      ...{ active: true, client_id: one.clientId, sub: one.accountId, iss: ISSUER },
    });
    expect(await client.tokenIntrospection(other.config, token)).toEqual({ active: false });
    expect(await client.tokenIntrospection(one.config, `${token}x`)).toEqual({ active: false });
  }
});

test('a revoked access token ends by itself, a revoked refresh token ends its family', async () => {
  const cast = await aCast(running);
  const one = await logIn(running, cast);
  await client.tokenRevocation(cast.config, one.access_token);
  await expect(resolve(one.access_token)).rejects.toMatchObject(refused);
  const next = await client.refreshTokenGrant(cast.config, one.refresh_token ?? '');
  await resolve(next.access_token);
  await client.tokenRevocation(cast.config, next.refresh_token ?? '');
  await expect(resolve(next.access_token)).rejects.toMatchObject(refused);
  await expect(client.refreshTokenGrant(cast.config, next.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
  await client.tokenRevocation(cast.config, 'at_never-made');
});

test('another client cannot revoke a token', async () => {
  const [one, other] = [await aCast(running), await aCast(running)];
  const { access_token } = await logIn(running, one);
  await client.tokenRevocation(other.config, access_token);
  await resolve(access_token);
});

test('the second use of a code is refused and ends what came of the first, and no other authorization', async () => {
  const cast = await aCast(running, asPublic());
  const browser = new Browser(running, cast);
  const other = await logIn(running, cast, { browser });
  const { url, verifier } = await anAuthorizationUrl(cast);
  const code = (await browser.authorize(url)).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier };
  const redirect_uri = 'https://shop.example/callback';
  const first = await redeem(running, cast, { ...form, redirect_uri });
  await resolve(first.json.access_token);
  const second = await redeem(running, cast, { ...form, redirect_uri });
  expect([second.status, second.json.error]).toEqual([400, 'invalid_grant']);
  await expect(resolve(first.json.access_token)).rejects.toMatchObject(refused);
  await resolve(other.access_token);
});

test('logging out ends every family of that login, and of no other', async () => {
  const cast = await aCast(running, asPublic());
  const browser = new Browser(running, cast);
  const [one, two] = [await logIn(running, cast, { browser }), await logIn(running, cast, { browser })];
  const elsewhere = await logIn(running, cast);
  const parameters = {
    post_logout_redirect_uri: 'https://shop.example/bye',
    id_token_hint: one.id_token ?? '',
  };
  const page = await browser.open(client.buildEndSessionUrl(cast.config, parameters).href);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  const body = new URLSearchParams({ xsrf, logout: 'yes' });
  const bye = await browser.open(`${ISSUER}/oauth/logout/confirm`, { method: 'POST', body });
  expect(bye.headers.get('location')).toBe('https://shop.example/bye');
  for (const { access_token } of [one, two])
    await expect(resolve(access_token)).rejects.toMatchObject(refused);
  await resolve(elsewhere.access_token);
});

test('no table shows a token, a code, a cookie or a client secret', async () => {
  const cast = await aCast(running);
  const browser = new Browser(running, cast);
  const { url } = await anAuthorizationUrl(cast);
  const code = (await browser.authorize(url)).searchParams.get('code') ?? '';
  const tokens = await logIn(running, cast, { browser });
  const next = await client.refreshTokenGrant(cast.config, tokens.refresh_token ?? '');
  const secrets = [code, tokens.access_token, tokens.refresh_token, next.access_token, next.refresh_token];
  secrets.push(cast.clientSecret, ...browser.secrets());
  for (const table of [
    'oauth_client',
    'oauth_grant',
    'oauth_access_token',
    'oauth_record',
    'oauth_signing_key',
  ]) {
    const { rows } = await running.asOwner(`SELECT t::text AS line FROM ${table} t`);
    const dump = rows.map((row) => row.line).join('\n');
    expect(dump).not.toBe('');
    expect(secrets.filter((secret) => secret === undefined || dump.includes(secret))).toEqual([]);
    expect(dump).not.toContain('"qi"');
  }
});

test('while the database is away OAuth answers 503 with Retry-After', async () => {
  const away = await startIdentity('postgresql://nobody:x@127.0.0.1:1/nothing');
  const answer = await reach(away, `${ISSUER}/.well-known/openid-configuration`);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
  await away.stop();
});
