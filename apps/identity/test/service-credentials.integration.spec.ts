import { identity } from '@magistry/contracts';
import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const ISSUER = 'https://api.example.com';
const AUDIENCE = 'api.example.com';
const UNKNOWN = 'svc_00000000000000000000000000';

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
  caller = await aCaller(running);
});
afterAll(() => running.stop());

const create = async (scopes = ['decisions:read'], by = caller) =>
  (await by.ask(identity.createServiceCredential, { body: { name: 'sync', scopes }, key: freshKey() })).json;
const at = (id: string) => ({ params: { id }, key: freshKey() });
const mint = async (id: string, by = caller) => (await by.ask(identity.mintServiceToken, at(id))).json;
const rotate = async (id: string, body = {}) =>
  (await caller.ask(identity.rotateServiceCredential, { ...at(id), body })).json;
const revoke = (id: string) => caller.ask(identity.revokeServiceCredential, at(id));
const list = async (query = '') => (await caller.ask(identity.listServiceCredentials, { query })).json;
const resolve = (kid: string) => running.call(identity.resolveServiceKey, { kid });

async function verified(token: string) {
  const { kid = '' } = decodeProtectedHeader(token);
  const { publicJwkJson } = await resolve(kid);
  const keys = createLocalJWKSet({ keys: [JSON.parse(publicJwkJson) as JWK] });
  return jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['RS256'] });
}

test('a credential is made with what was asked, listed, and its token says so for 60 minutes', async () => {
  const made = await create(['decisions:read', 'planner:write']);
  expect(made).toEqual({
    id: expect.stringMatching(/^svc_[0-9A-Z]{26}$/),
    name: 'sync',
    scopes: ['decisions:read', 'planner:write'],
    kid: expect.stringMatching(/^[\w-]{43}$/),
    status: 'active',
    created_at: expect.stringMatching(/Z$/),
  });
  expect((await list()).data).toContainEqual(made);
  const minted = await mint(made.id);
  expect(minted).toMatchObject({ token_type: 'Bearer', expires_in: 3_600 });
  const { payload, protectedHeader } = await verified(minted.token);
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: made.kid });
  expect(payload).toMatchObject({ sub: made.id, scope: 'decisions:read planner:write' });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
  expect(Date.parse(minted.expires_at)).toBe((payload.exp ?? 0) * 1_000);
});

test('the list goes on page by page and shows another workspace nothing', async () => {
  const other = await aCaller(running);
  const made = [
    await create(undefined, other),
    await create(undefined, other),
    await create(undefined, other),
  ];
  const ask = async (query: string) => (await other.ask(identity.listServiceCredentials, { query })).json;
  const first = await ask('limit=2');
  expect(first).toEqual({ data: made.slice(0, 2), next_cursor: made[1].id, has_more: true });
  const second = await ask(`limit=2&cursor=${first.next_cursor}`);
  expect(second).toEqual({ data: made.slice(2), next_cursor: null, has_more: false });
  expect((await list()).data).not.toContainEqual(made[0]);
  await expect(ask('cursor=elsewhere')).rejects.toMatchObject({ code: 'validation_failed' });
  for (const id of [made[0].id, UNKNOWN, 'nothing', "svc_' OR 1=1"]) {
    await expect(mint(id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(rotate(id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(revoke(id)).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('nobody grants, or gets a token with, more than they hold', async () => {
  const narrow = caller.as({ scopes: ['service-credentials:write', 'decisions:read'] });
  const refusal = { code: 'access_denied', message: expect.stringContaining('planner:write') };
  await expect(create(['decisions:read', 'planner:write'], narrow)).rejects.toMatchObject(refusal);
  await expect(create(['no scope at all'])).rejects.toMatchObject({ code: 'validation_failed' });
  const { id } = await create(['decisions:read', 'planner:write']);
  await expect(mint(id, narrow)).rejects.toMatchObject(refusal);
  expect((await mint((await create(['decisions:read'])).id, narrow)).token).toContain('.');
  expect((await mint(id, narrow.as({ principalId: id }))).token).toContain('.');
});

test('a rotation without grace retires the old key at once, one with grace at its end', async () => {
  const { id, kid } = await create();
  const turned = await rotate(id);
  expect(turned).toMatchObject({ id, name: 'sync', status: 'active' });
  expect(turned.kid).not.toBe(kid);
  await expect(resolve(kid)).rejects.toMatchObject({ code: 'unauthorized' });
  const again = await rotate(id, { grace_minutes: 10 });
  const { retiresUnixMs } = await resolve(turned.kid);
  expect(retiresUnixMs - Date.now()).toBeGreaterThan(9 * 60_000);
  const before = running.clock.now;
  Object.assign(running.clock, { now: () => Date.now() + 10 * 60_000 });
  await expect(resolve(turned.kid)).rejects.toMatchObject({ code: 'unauthorized' });
  Object.assign(running.clock, { now: before });
  expect(await resolve(again.kid)).toMatchObject({ serviceCredentialId: id, retiresUnixMs: 0 });
  expect(decodeProtectedHeader((await mint(id)).token).kid).toBe(again.kid);
  await rotate(id);
  await expect(resolve(turned.kid)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('two rotations at once follow each other, and one key signs', async () => {
  const { id } = await create();
  const turned = await Promise.all([rotate(id), rotate(id)]);
  const alive = await Promise.allSettled(turned.map(({ kid }) => resolve(kid)));
  expect(alive.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('what is revoked, or lies in a workspace that ended, opens nothing and is not listed', async () => {
  const { id, kid } = await create();
  const { epoch } = await running.call(identity.getCredentialEpoch, {});
  expect((await revoke(id)).status).toBe(204);
  expect((await running.call(identity.getCredentialEpoch, {})).epoch).toBeGreaterThan(epoch);
  await expect(resolve(kid)).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(mint(id)).rejects.toMatchObject({ code: 'not_found' });
  expect((await list('limit=1000')).data.map((row: { id: string }) => row.id)).not.toContain(id);
  const leaving = await aCaller(running);
  const left = await create(undefined, leaving);
  await leaving.ask(identity.deleteWorkspace, at(String(leaving.workspace.id)));
  await expect(resolve(left.kid)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a retry under the same key is the same credential and the same token', async () => {
  const key = freshKey();
  const asked = { body: { name: 'once', scopes: ['read'] }, key };
  const first = await caller.ask(identity.createServiceCredential, asked);
  expect((await caller.ask(identity.createServiceCredential, asked)).text).toBe(first.text);
  const minting = at(first.json.id);
  const minted = await caller.ask(identity.mintServiceToken, minting);
  expect((await caller.ask(identity.mintServiceToken, minting)).text).toBe(minted.text);
});

test('no private key and no token stands anywhere in clear', async () => {
  const { id } = await create();
  const { token } = await mint(id);
  const { rows } = await running.asOwner(
    `SELECT sealed_private_jwk AS sealed FROM service_credential_key WHERE service_credential_id = $1`,
    [id],
  );
  expect(rows[0].sealed.toString('latin1')).not.toContain('"d"');
  const [, , signature] = token.split('.');
  const told = await running.asOwner('SELECT * FROM audit_outbox WHERE subject = $1 ORDER BY number', [id]);
  expect(told.rows.map(({ action }) => action)).toEqual([
    'service_credential.created',
    'service_credential.minted',
  ]);
  expect(JSON.stringify(told.rows)).not.toContain(signature);
  const across = 'SET ROLE magistry_identity_across; SELECT sealed_private_jwk FROM service_credential_key';
  await expect(running.asService(across)).rejects.toThrow('permission denied');
  await running.asService('RESET ROLE');
});

test('a first use is told once, however many gateways tell it', async () => {
  const { id } = await create();
  const keyId = Number(caller.principalId.slice('key:'.length));
  const uses = [
    { serviceCredentialId: id, usedUnixMs: Date.now() },
    { apiKeyId: keyId, usedUnixMs: Date.now() },
  ];
  const tell = () => running.call(identity.recordKeyUses, { uses });
  await Promise.all([tell(), tell(), tell()]);
  await tell();
  const { rows } = await running.asOwner(
    `SELECT subject FROM audit_outbox WHERE workspace_id = $1 AND action LIKE '%.first_used' ORDER BY action`,
    [caller.workspace.id],
  );
  expect(rows.map(({ subject }) => subject)).toEqual([caller.principalId, id]);
});

test('a service credential acts in its own workspace and in none of another', async () => {
  const other = await aCaller(running);
  const { id: principalId } = await create(['decisions:read']);
  const choose = (selector: string) => running.call(identity.resolveWorkspace, { principalId, selector });
  expect(await choose(caller.workspace.slug)).toMatchObject({ scopes: ['decisions:read'] });
  await expect(choose(other.workspace.slug)).rejects.toMatchObject({ code: 'not_found' });
  await revoke(principalId);
  await expect(choose(caller.workspace.slug)).rejects.toMatchObject({ code: 'not_found' });
});
