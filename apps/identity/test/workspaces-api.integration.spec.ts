import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller } from './caller.fixture.js';
import { aPartner } from './identity.fixture.js';
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

const open = (body: unknown, key?: string, by = caller) =>
  by.ask(identity.openWorkspace, { body, ...(key !== undefined && { key }) });
const get = (id: number, by = caller) => by.ask(identity.getWorkspace, { params: { id: String(id) } });
const patch = (id: number, body: unknown, by = caller) =>
  by.ask(identity.updateWorkspace, { params: { id: String(id) }, body });
const remove = (id: number, by = caller, key?: string) =>
  by.ask(identity.deleteWorkspace, { params: { id: String(id) }, ...(key !== undefined && { key }) });
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);

test('a workspace starts with the settings of seed 003, and PATCH merges into them', async () => {
  const { id } = (await open({ name: 'Merged' })).json.data;
  expect((await get(id)).json.data).toMatchObject({
    tier: 'free',
    settings: { timezone: 'UTC', locale: 'en_GB' },
  });
  const patched = await patch(id, { settings: { timezone: 'Europe/London', theme: { dark: true } } });
  expect(patched.json.data.settings).toEqual({
    timezone: 'Europe/London',
    locale: 'en_GB',
    theme: { dark: true },
  });
  const again = await patch(id, {
    name: 'Renamed',
    settings: { theme: { dark: null, wide: 1 }, locale: null },
  });
  expect(again.json.data).toMatchObject({ name: 'Renamed', slug: 'merged' });
  expect(again.json.data.settings).toEqual({ timezone: 'Europe/London', theme: { wide: 1 } });
});

test('concurrent patches of different settings all stay', async () => {
  const { id } = (await open({ name: 'Patched' })).json.data;
  await Promise.all(Array.from({ length: 10 }, (_, at) => patch(id, { settings: { [`s${at}`]: at } })));
  expect(Object.keys((await get(id)).json.data.settings)).toHaveLength(12);
});

test.each([
  { settings: { timezone: 'Moon/Base' } },
  { settings: { locale: 'not a locale' } },
  { settings: { note: 'a\u0000b' } },
  { settings: { note: '\ud800' } },
  { settings: JSON.parse('{"__proto__": {"admin": true}}') },
  { settings: { big: 'x'.repeat(20_000) } },
  { settings: { deep: [[[[[[[[[[1]]]]]]]]]] } },
  { settings: [] },
  { slug: 'other' },
  { name: '' },
  { name: 'x'.repeat(256) },
])('%j is refused', async (body) => {
  expect(await codeOf(patch(caller.workspace.id, body))).toBe('validation_failed');
});

test('of many creates of one slug at once, one is made', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => codeOf(open({ name: 'Raced', slug: 'raced-by-api' }))),
  );
  expect(outcomes.sort()).toEqual(['done', ...Array(7).fill('validation_failed')]);
});

test('creates of one name at once all get a slug of their own', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => open({ name: 'Api Crowd' })));
  expect(new Set(made.map(({ json }) => json.data.slug)).size).toBe(8);
});

test('no tier above the own one: 403, and nothing is made', async () => {
  expect(await codeOf(open({ name: 'High', tier: 'enterprise' }))).toBe('access_denied');
  expect((await open({ name: 'Equal', tier: 'pro' })).json.data.tier).toBe('pro');
});

test('one sees the own workspace and those one made, and nobody else’s', async () => {
  const made = (await open({ name: 'Mine' })).json.data;
  const stranger = await aCaller(running);
  const colleague = caller.as({ principalId: 'key:999999' });
  const listed = await caller.ask(identity.listReachableWorkspaces);
  expect(listed.json.data.map(({ id }: { id: number }) => id)).toEqual([caller.workspace.id, made.id]);
  expect(Object.keys(listed.json.data[0])).toEqual([
    'id',
    'name',
    'slug',
    'tier',
    'created_at',
    'updated_at',
  ]);
  for (const other of [stranger, colleague]) {
    expect(await codeOf(get(made.id, other))).toBe('not_found');
    expect(await codeOf(patch(made.id, { name: 'Taken' }, other))).toBe('not_found');
    expect(await codeOf(remove(made.id, other))).toBe('not_found');
  }
  for (const id of ['0', '-1', '1e1', 'abc', '99999999999', '1;DROP TABLE workspace', '٣']) {
    expect(await codeOf(caller.ask(identity.getWorkspace, { params: { id } }))).toBe('not_found');
  }
});

test('its maker may act in a made workspace while it may make them', async () => {
  const made = (await open({ name: 'Acted in' })).json.data;
  const resolve = (principalId: string) =>
    running.call(identity.resolveWorkspace, { principalId, selector: String(made.id) });
  expect(await resolve(caller.principalId)).toMatchObject({ workspace: { id: made.id }, scopes: ['*'] });
  const { id: readOnly } = await running.call(identity.createApiKey, {
    workspaceId: caller.workspace.id,
    name: 'read',
    scopes: ['read'],
  });
  await running.asOwner('UPDATE workspace SET created_by = $1 WHERE id = $2', [`key:${readOnly}`, made.id]);
  await expect(resolve(`key:${readOnly}`)).rejects.toMatchObject({ code: 'not_found' });
});

test('a deleted workspace is gone, with all that could be called through it', async () => {
  const { slug, key: partnerKey, workspaces } = await aPartner(running);
  const home = workspaces[0];
  if (!home) throw new Error('the partner is installed nowhere');
  const owner = caller.as({ workspace: home, principalId: 'key:1' });
  const { key } = await running.call(identity.createApiKey, { workspaceId: home.id, name: 'dying' });
  const epoch = async () => (await running.call(identity.getCredentialEpoch, {})).epoch;
  const before = await epoch();
  expect((await remove(home.id, owner)).status).toBe(204);
  expect(await epoch()).toBeGreaterThan(before);
  const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
  await expect(resolve(key)).rejects.toMatchObject({ code: 'unauthorized' });
  expect((await resolve(partnerKey)).workspace).toBeUndefined();
  await expect(
    running.call(identity.resolveWorkspace, { principalId: `partner:${slug}`, selector: home.slug }),
  ).rejects.toMatchObject({ code: 'not_found' });
  expect(await codeOf(get(home.id, owner))).toBe('not_found');
  expect(await codeOf(remove(home.id, owner))).toBe('not_found');
  expect(await codeOf(owner.ask(identity.issueApiKey, { body: { name: 'late' } }))).toBe('not_found');
});
