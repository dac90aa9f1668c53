import { identity } from '@magistry/contracts';
import * as client from 'openid-client';
import { aCast, asPublic, type Cast, ISSUER, logIn, redeem } from './oauth.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let virtualMs = 0;

beforeAll(async () => {
  running = await startIdentity();
  running.clock.now = () => Date.now() + virtualMs;
});
beforeEach(() => {
  virtualMs = 0;
});
afterAll(() => running.stop());

const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const isAlive = (token: string) =>
  resolve(token).then(
    () => true,
    () => false,
  );
const refresh = (cast: Cast, token = '', more: Record<string, string> = {}, headers = {}) =>
  redeem(running, cast, { grant_type: 'refresh_token', refresh_token: token, ...more }, headers);
const invalid = { status: 400, json: { error: 'invalid_grant' } };

async function aFamily(metadata: Record<string, unknown> = asPublic()) {
  const cast = await aCast(running, metadata);
  const { access_token, refresh_token = '' } = await logIn(running, cast);
  return { cast, access_token, refresh_token };
}

test('each refresh gives the next token of the family, and the limits’ principal stays', async () => {
  const { cast, access_token, refresh_token } = await aFamily();
  const next = await refresh(cast, refresh_token);
  expect(next.status).toBe(200);
  expect(next.headers.get('cache-control')).toContain('no-store');
  expect(next.json).toMatchObject({
    expires_in: 900,
    token_type: 'Bearer',
    refresh_token: expect.any(String),
  });
  expect(next.json.refresh_token).not.toBe(refresh_token);
  const [before, after] = [await resolve(access_token), await resolve(next.json.access_token)];
  expect(after.principalId).toBe(before.principalId);
});

test('a lost answer is given again three times within ten seconds, a fourth is refused and ends nothing', async () => {
  const { cast, refresh_token } = await aFamily();
  const first = await refresh(cast, refresh_token);
  // Not its headers: they have the second in which it was sent.
  const given = { status: first.status, json: first.json };
  for (const _ of [1, 2, 3]) expect(await refresh(cast, refresh_token)).toMatchObject(given);
  expect(await refresh(cast, refresh_token)).toMatchObject(invalid);
  expect(await isAlive(first.json.access_token)).toBe(true);
  expect((await refresh(cast, first.json.refresh_token)).status).toBe(200);
});

test.each([
  [
    'after ten seconds',
    async () => {
      virtualMs = 10_000;
    },
  ],
  [
    'once the successor was used',
    async (cast: Cast, next: string) => {
      await refresh(cast, next);
    },
  ],
])('a used refresh token %s ends the family with every token of it', async (_, meanwhile) => {
  const { cast, access_token, refresh_token } = await aFamily();
  const next = await refresh(cast, refresh_token);
  await meanwhile(cast, next.json.refresh_token);
  expect(await refresh(cast, refresh_token)).toMatchObject(invalid);
  for (const token of [access_token, next.json.access_token]) expect(await isAlive(token)).toBe(false);
  expect(await refresh(cast, next.json.refresh_token)).toMatchObject(invalid);
});

test('the same token in another client’s hands ends the family', async () => {
  const { access_token, refresh_token } = await aFamily();
  const thief = await aCast(running, asPublic());
  expect(await refresh(thief, refresh_token)).toMatchObject(invalid);
  expect(await isAlive(access_token)).toBe(false);
});

test('rotations, reuse and revocation are told to the audit log of the workspace, without a token', async () => {
  const { cast, refresh_token } = await aFamily();
  const next = await refresh(cast, refresh_token);
  virtualMs = 10_000;
  await refresh(cast, refresh_token);
  const other = await logIn(running, cast);
  await client.tokenRevocation(cast.config, other.refresh_token ?? '');
  const { rows } = await running.asOwner(
    `SELECT action, actor, subject, details FROM audit_outbox WHERE workspace_id = $1 AND action LIKE 'token.%'
     ORDER BY occurred_at, event_id`,
    [cast.workspace.id],
  );
  expect(rows.map(({ action, details }) => [action, details])).toEqual([
    ['token.rotated', { generation: 1 }],
    ['token.reuse_detected', { reason: 'refresh_reused' }],
    ['token.revoked', { reason: 'revoked' }],
  ]);
  expect(
    rows.every(({ actor, subject }) => actor === `client:${cast.clientId}` && /^grant:/.test(subject)),
  ).toBe(true);
  expect(JSON.stringify(rows)).not.toContain(next.json.refresh_token);
});

test('a made-up secret for a known family is refused and ends nothing', async () => {
  const { cast, access_token, refresh_token } = await aFamily();
  const [grant, generation, secret = '', mac = ''] = refresh_token.split('~');
  const turned = (text: string) => text.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
  const forged = [
    [grant, generation, turned(secret), mac],
    [grant, generation, secret, turned(mac)],
    [grant, '7', secret, mac],
    [grant, generation, secret],
  ].map((parts) => parts.join('~'));
  for (const token of [...forged, '', 'rt_', 'x'.repeat(5_000)]) {
    expect((await refresh(cast, token)).status).toBe(400);
  }
  expect(await isAlive(access_token)).toBe(true);
  expect((await refresh(cast, refresh_token)).status).toBe(200);
});

test('scopes may narrow at a refresh and never widen', async () => {
  const { cast, refresh_token } = await aFamily();
  const wider = await refresh(cast, refresh_token, { scope: 'decisions:read killswitch:write' });
  expect(wider).toMatchObject({ status: 400, json: { error: 'invalid_scope' } });
  const narrow = await refresh(cast, refresh_token, { scope: 'decisions:read' });
  expect((await resolve(narrow.json.access_token)).scopes).toEqual(['decisions:read']);
});

test('a refresh token lives 30 days from its last use, and its family 180 days in all', async () => {
  const day = 24 * 60 * 60 * 1_000;
  const idle = await aFamily();
  virtualMs = 30 * day;
  expect(await refresh(idle.cast, idle.refresh_token)).toMatchObject(invalid);
  virtualMs = 0;
  const { rows } = await running.asOwner(
    `SELECT round(extract(epoch FROM expires_at - now()) / 86400) AS days,
       round(extract(epoch FROM refresh_expires_at - now()) / 86400) AS idle
     FROM oauth_grant WHERE client_id = $1`,
    [idle.cast.clientId],
  );
  expect(rows.map(({ days, idle: left }) => [Number(days), Number(left)])).toEqual([[180, 30]]);
  const old = await aFamily();
  await running.asOwner(`UPDATE oauth_grant SET expires_at = now() WHERE client_id = $1`, [
    old.cast.clientId,
  ]);
  expect(await refresh(old.cast, old.refresh_token)).toMatchObject(invalid);
});

test('of fifty at once one rotates, three get its answer, and the others are refused without harm', async () => {
  const { cast, refresh_token } = await aFamily();
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(cast, refresh_token)));
  const granted = answers.filter(({ status }) => status === 200);
  expect(granted.length).toBe(4);
  expect(new Set(granted.map(({ json }) => json.refresh_token)).size).toBe(1);
  expect(answers.filter(({ json }) => json.error === 'invalid_grant').length).toBe(46);
  expect((await refresh(cast, granted[0]?.json.refresh_token)).status).toBe(200);
});

describe('a family that is bound to a DPoP key', () => {
  async function aBoundFamily() {
    const cast = await aCast(running, asPublic({ dpop_bound_access_tokens: true }));
    const keys = await client.randomDPoPKeyPair('ES256');
    const DPoP = client.getDPoPHandle(cast.config, keys);
    const tokens = await logIn(running, cast, { options: { DPoP } });
    return { cast, tokens, DPoP };
  }

  test('carries the key through each rotation', async () => {
    const { cast, tokens, DPoP } = await aBoundFamily();
    expect(tokens.token_type).toBe('dpop');
    const { dpopThumbprint } = await resolve(tokens.access_token);
    expect(dpopThumbprint).toMatch(/^[\w-]{43}$/);
    const next = await client.refreshTokenGrant(cast.config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect((await resolve(next.access_token)).dpopThumbprint).toBe(dpopThumbprint);
  });

  test('gives nothing without a proof and stays alive', async () => {
    const { cast, tokens } = await aBoundFamily();
    expect(await refresh(cast, tokens.refresh_token)).toMatchObject(invalid);
    expect(await isAlive(tokens.access_token)).toBe(true);
  });

  test('ends when another key proves itself with its token', async () => {
    const { cast, tokens } = await aBoundFamily();
    const DPoP = client.getDPoPHandle(cast.config, await client.randomDPoPKeyPair('ES256'));
    const stolen = client.refreshTokenGrant(cast.config, tokens.refresh_token ?? '', undefined, { DPoP });
    await expect(stolen).rejects.toMatchObject({ error: 'invalid_grant' });
    expect(await isAlive(tokens.access_token)).toBe(false);
  });
});

test('the issuer takes no scope for itself: a token for a person still names who gave it', async () => {
  const { cast, refresh_token } = await aFamily();
  const next = await client.refreshTokenGrant(cast.config, refresh_token);
  expect(next.claims()).toMatchObject({ iss: ISSUER, sub: cast.accountId, aud: cast.clientId });
});
