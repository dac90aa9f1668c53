import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const HOUR_MS = 60 * 60 * 1_000;

let running: RunningIdentity;
let caller: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  caller = await aCaller(running);
});
afterEach(() => {
  running.clock.now = () => Date.now();
});
afterAll(() => running.stop());

const issue = (body: unknown, key?: string, by = caller) =>
  by.ask(identity.issueApiKey, { body, ...(key !== undefined && { key }) });
const rotate = (id: number, body: unknown = {}, key?: string, by = caller) =>
  by.ask(identity.rotateApiKey, {
    params: { id: String(id) },
    body,
    ...(key !== undefined && { key }),
  });
const revoke = (id: number, by = caller) => by.ask(identity.revokeApiKey, { params: { id: String(id) } });
const get = (id: number, by = caller) => by.ask(identity.getApiKey, { params: { id: String(id) } });
const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);

test('a key without wishes reads and writes at its workspace’s tier, for ever', async () => {
  const { status, json } = await issue({ name: 'Plain' });
  expect([status, json.message]).toEqual([201, 'API key created successfully.']);
  expect(json.data).toMatchObject({ scopes: ['read', 'write'], rate_limit_tier: 'pro', expires_at: null });
  expect(await resolve(json.data.key)).toMatchObject({
    principalId: `key:${json.data.id}`,
    workspace: { id: caller.workspace.id },
    tier: 'pro',
  });
});

test('nobody hands out more than they hold', async () => {
  const narrow = caller.as({ scopes: ['api-keys:write', 'posts:read', 'read:*', 'users:*'] });
  for (const scopes of [
    ['*'],
    ['write'],
    ['read'],
    ['posts:*'],
    ['posts:write'],
    ['posts:read', 'users:*', '*'],
  ]) {
    expect(await codeOf(issue({ name: 'Wide', scopes }, undefined, narrow))).toBe('access_denied');
  }
  expect(await codeOf(issue({ name: 'Default' }, undefined, narrow))).toBe('access_denied');
  expect(
    (await issue({ name: 'Fits', scopes: ['posts:read', 'users:delete', 'users:*'] }, undefined, narrow))
      .status,
  ).toBe(201);
});

test('no tier above the workspace’s', async () => {
  expect(await codeOf(issue({ name: 'Fast', rate_limit_tier: 'enterprise' }))).toBe('access_denied');
  expect((await issue({ name: 'Slow', rate_limit_tier: 'free' })).json.data.rate_limit_tier).toBe('free');
});

test.each([
  { name: 7 },
  { name: 'x'.repeat(256) },
  { name: 'a', scopes: [] },
  { name: 'a', scopes: ['NO SCOPE'] },
  { name: 'a', scopes: 'read' },
  { name: 'a', rate_limit_tier: 'gold' },
  { name: 'a', expires_at: '2001-01-01T00:00:00Z' },
  { name: 'a', expires_at: 'tomorrow' },
  { name: 'a', workspace_id: 1 },
])('%j is refused', async (body) => {
  expect(await codeOf(issue(body))).toBe('validation_failed');
});

test('a rotated key and its successor both work, as one principal, until the grace ends', async () => {
  const old = (await issue({ name: 'Turned', scopes: ['posts:read'], rate_limit_tier: 'free' })).json.data;
  const before = Date.now();
  const { status, json } = await rotate(old.id, { grace_period_hours: 2 });
  expect([status, json.message]).toEqual([200, 'API key rotated successfully.']);
  expect(json.data).toMatchObject({ name: 'Turned', scopes: ['posts:read'] });
  expect(json.data.id).not.toBe(old.id);
  const endsAt = Date.parse(json.data.grace_period_ends_at);
  expect(Math.abs(endsAt - (before + 2 * HOUR_MS))).toBeLessThan(2_000);
  const [retired, fresh] = [await resolve(old.key), await resolve(json.data.key)];
  expect(retired).toMatchObject({ isRotated: true, expiresUnixMs: endsAt });
  expect(fresh).toMatchObject({ isRotated: false, expiresUnixMs: 0, tier: 'free', scopes: ['posts:read'] });
  expect(fresh.principalId).toBe(retired.principalId);
  const again = (await rotate(json.data.id)).json.data;
  expect((await resolve(again.key)).principalId).toBe(`key:${old.id}`);
});

test('a grace never outlasts the old key, and a successor keeps its expiry', async () => {
  const expiresAt = new Date(Math.floor(Date.now() / 1_000) * 1_000 + HOUR_MS);
  const old = (await issue({ name: 'Ending', expires_at: expiresAt.toISOString() })).json.data;
  const { data } = (await rotate(old.id, { grace_period_hours: 24 })).json;
  expect(Date.parse(data.grace_period_ends_at)).toBe(expiresAt.getTime());
  expect((await resolve(data.key)).expiresUnixMs).toBe(expiresAt.getTime());
});

test('without grace the old key ends at once', async () => {
  const old = (await issue({ name: 'At once' })).json.data;
  const { data } = (await rotate(old.id, { grace_period_hours: 0 })).json;
  expect(await codeOf(resolve(old.key))).toBe('unauthorized');
  expect(await codeOf(resolve(data.key))).toBe('done');
});

test("an integration's key whose successor was not noted is rotated from that successor", async () => {
  const { id: workspaceId } = caller.workspace;
  const wanted = { workspaceId, name: 'Widget', scopes: ['messages:write'], isIntegration: true };
  const made = await running.call(identity.createApiKey, wanted);
  const agents = caller.as({ principalId: 'system:agents' });
  const unseen = (await rotate(made.id, {}, undefined, agents)).json.data;
  const { data } = (await rotate(made.id, {}, undefined, agents)).json;
  expect(data.id).toBeGreaterThan(unseen.id);
  for (const credential of [made.key, unseen.key, data.key])
    expect(await resolve(credential)).toMatchObject({ principalId: `key:${made.id}` });
});

test('of many rotations at once one goes through, and each retry of it tells the same secret', async () => {
  const old = (await issue({ name: 'Raced' })).json.data;
  const keys = Array.from({ length: 6 }, freshKey);
  const outcomes = await Promise.all(keys.map((key) => codeOf(rotate(old.id, {}, key))));
  expect(outcomes.toSorted()).toEqual([...Array(5).fill('conflict'), 'done']);
  const winner = keys[outcomes.indexOf('done')] ?? '';
  const [first, second] = [await rotate(old.id, {}, winner), await rotate(old.id, {}, winner)];
  expect(second.text).toBe(first.text);
  const loser = keys[outcomes.indexOf('conflict')] ?? '';
  await expect(rotate(old.id, {}, loser)).rejects.toMatchObject({
    code: 'conflict',
    headers: { 'Idempotent-Replayed': 'true' },
  });
});

test('turning over a key that may do more than oneself is refused, unless it is one’s own', async () => {
  const strong = (await issue({ name: 'Strong', scopes: ['*'] })).json.data;
  const weak = caller.as({ principalId: 'key:999999', scopes: ['api-keys:write'] });
  expect(await codeOf(rotate(strong.id, {}, undefined, weak))).toBe('access_denied');
  expect(await codeOf(rotate(strong.id, {}, undefined, weak.as({ principalId: `key:${strong.id}` })))).toBe(
    'done',
  );
});

test.each([
  { grace_period_hours: -1 },
  { grace_period_hours: 1.5 },
  { grace_period_hours: 721 },
  { grace: 1 },
])('a rotation with %j is refused', async (body) => {
  const { id } = (await issue({ name: 'Still' })).json.data;
  expect(await codeOf(rotate(id, body))).toBe('validation_failed');
});

test('a revoked key opens nothing, is listed no more, and counts an epoch', async () => {
  const { id, key } = (await issue({ name: 'Revoked' })).json.data;
  const before = (await running.call(identity.getCredentialEpoch, {})).epoch;
  expect((await revoke(id)).status).toBe(204);
  expect((await running.call(identity.getCredentialEpoch, {})).epoch).toBe(before + 1);
  expect(await codeOf(resolve(key))).toBe('unauthorized');
  expect(await codeOf(get(id))).toBe('not_found');
  expect(await codeOf(rotate(id))).toBe('not_found');
  expect(await codeOf(revoke(id))).toBe('not_found');
});

test('keys of another workspace do not exist', async () => {
  const { id } = (await issue({ name: 'Ours' })).json.data;
  const stranger = await aCaller(running);
  for (const asked of [get(id, stranger), revoke(id, stranger), rotate(id, {}, undefined, stranger)]) {
    expect(await codeOf(asked)).toBe('not_found');
  }
  expect(await codeOf(get(id))).toBe('done');
});

test('the list has neither secrets nor revoked keys, and knows what has expired', async () => {
  const soon = new Date(Date.now() + HOUR_MS).toISOString();
  const ending = (await issue({ name: 'Ending soon', expires_at: soon })).json.data;
  const gone = (await issue({ name: 'Gone' })).json.data;
  await revoke(gone.id);
  const list = async (query: string) => (await caller.ask(identity.listApiKeys, { query })).json;
  const all = await list('');
  expect(all.data.map(({ name }: { name: string }) => name)).toEqual(['full', 'Ending soon']);
  expect(all.data[1]).toEqual({
    id: ending.id,
    name: 'Ending soon',
    prefix: ending.key.slice(0, 'sk_live_abc'.length),
    scopes: ['read', 'write'],
    rate_limit_tier: 'pro',
    last_used_at: null,
    expires_at: soon.replace(/\.\d+Z$/, 'Z'),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  expect(all.meta.total).toBe(2);
  running.clock.now = () => Date.now() + 2 * HOUR_MS;
  expect((await list('status=expired&fields=name')).data).toEqual([{ name: 'Ending soon' }]);
  expect((await list('status=active')).meta.total).toBe(1);
  const { id, slug, tier } = caller.workspace;
  expect((await list('fields=id&include=workspace&per_page=1')).data[0]).toEqual({
    id: all.data[0].id,
    workspace: { name: 'Shop', id, slug, tier },
  });
});

test('the last use of keys is told in batches, and an older one never undoes it', async () => {
  const { id } = (await issue({ name: 'Used' })).json.data;
  const at = Date.parse('2026-11-24T10:30:00Z');
  const tell = (usedUnixMs: number) =>
    running.call(identity.recordKeyUses, { uses: [{ apiKeyId: id, usedUnixMs }] });
  const before = (await running.call(identity.getCredentialEpoch, {})).epoch;
  await tell(at + 500);
  await tell(at - 60_000);
  expect((await get(id)).json.data.last_used_at).toBe('2026-11-24T10:30:00Z');
  expect((await running.call(identity.getCredentialEpoch, {})).epoch).toBe(before);
});
