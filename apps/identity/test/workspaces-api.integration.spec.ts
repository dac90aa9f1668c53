import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
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

test('copies of one create under one key make one workspace, and all tell the same bytes', async () => {
  const key = freshKey();
  const told = await Promise.all(Array.from({ length: 12 }, () => open({ name: 'Keyed' }, key)));
  expect(new Set(told.map(({ text }) => text)).size).toBe(1);
  expect(told.every(({ status }) => status === 201)).toBe(true);
  expect(told.filter(({ headers }) => headers['Idempotent-Replayed'] === 'true')).toHaveLength(11);
  const { rows } = await running.asOwner(`SELECT id FROM workspace WHERE name = 'Keyed'`);
  expect(rows).toHaveLength(1);
});

test('another body under a used key says what differs; a refused body leaves the key free', async () => {
  const key = freshKey();
  await expect(open({ name: 'Free key', slug: 'NOT A SLUG' }, key)).rejects.toMatchObject({
    code: 'validation_failed',
  });
  expect((await open({ name: 'Free key' }, key)).status).toBe(201);
  await expect(open({ name: 'Other' }, key)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
    extras: { mismatch: ['body'] },
  });
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

test('a retried delete is 204 again', async () => {
  const made = (await open({ name: 'Deleted twice' })).json.data;
  const key = freshKey();
  const told = await Promise.all([remove(made.id, caller, key), remove(made.id, caller, key)]);
  expect(told.map(({ status, text }) => [status, text])).toEqual([
    [204, ''],
    [204, ''],
  ]);
});

describe('the list', () => {
  let lister: ApiCaller;
  const list = (query: string) => lister.ask(identity.listReachableWorkspaces, { query });
  const names = async (query: string) =>
    (await list(query)).json.data.map(({ name }: { name: string }) => name);

  beforeAll(async () => {
    lister = await aCaller(running);
    for (const name of ['Alder', 'Birch', 'Cedar', '100%_Dogwood']) await open({ name }, undefined, lister);
  });

  test('pages, with meta and links', async () => {
    const page = await list('page=2&per_page=2&sort=name');
    expect(page.json.data).toHaveLength(2);
    expect(page.json.meta).toEqual({
      current_page: 2,
      from: 3,
      last_page: 3,
      per_page: 2,
      to: 4,
      total: 5,
    });
    expect(page.json.links).toEqual({
      first: 'https://api.example.com/api/v1/workspaces?page=1&per_page=2&sort=name',
      last: 'https://api.example.com/api/v1/workspaces?page=3&per_page=2&sort=name',
      prev: 'https://api.example.com/api/v1/workspaces?page=1&per_page=2&sort=name',
      next: 'https://api.example.com/api/v1/workspaces?page=3&per_page=2&sort=name',
    });
    expect((await list('page=9')).json).toMatchObject({ data: [], meta: { from: null, total: 5 } });
  });

  test('sorts, filters, searches and selects', async () => {
    expect(await names('sort=-id&per_page=2')).toEqual(['100%_Dogwood', 'Cedar']);
    expect(await names('sort=tier,-name&search=R')).toEqual(['Cedar', 'Birch', 'Alder']);
    expect(await names('search=%25_')).toEqual(['100%_Dogwood']);
    expect(await names('created_after=2999-01-01')).toEqual([]);
    expect(await names('created_before=2999-01-01&updated_after=2000-01-01T00:00:00Z')).toHaveLength(5);
    expect((await list('fields=id,settings&per_page=1')).json.data[0]).toEqual({
      id: lister.workspace.id,
      settings: { timezone: 'UTC', locale: 'en_GB' },
    });
  });

  test('refuses what it does not know', async () => {
    for (const query of ['sort=settings', 'include=members', 'status=active', 'per_page=101', 'tier=pro']) {
      await expect(list(query)).rejects.toMatchObject({ code: 'validation_failed' });
    }
  });
});
