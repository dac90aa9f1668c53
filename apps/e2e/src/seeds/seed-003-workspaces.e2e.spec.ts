import { randomBytes } from 'node:crypto';
import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { ID, INSTANT } from './seed-003.fixture.js';

const PATH = '/api/v1/workspaces';

const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
  ({ client } = home);
});
afterAll(() => workspaces.close());

/** The slug of the seed is taken once; each run has one of its own. */
const uniqueSlug = () => `new-workspace-${randomBytes(5).toString('hex')}`;

async function open(body: object = {}) {
  const { json } = await client.write('POST', PATH, { name: 'New Workspace', ...body });
  return json.data;
}

test('List Workspaces', async () => {
  const { status, json } = await client.get(PATH);
  expect(status).toBe(200);
  expect(json.data).toEqual([
    {
      id: home.id,
      name: home.slug,
      slug: home.slug,
      tier: 'enterprise',
      created_at: INSTANT,
      updated_at: INSTANT,
    },
  ]);
  expect(json.meta).toEqual({ current_page: 1, from: 1, last_page: 1, per_page: 25, to: 1, total: 1 });
  const first = `${system.gatewayUrl}${PATH}?page=1`;
  expect(json.links).toEqual({ first, last: first, prev: null, next: null });
});

test('Get Workspace', async () => {
  const { status, json } = await client.get(`${PATH}/${home.id}`);
  expect(status).toBe(200);
  expect(json).toEqual({
    data: {
      id: home.id,
      name: home.slug,
      slug: home.slug,
      tier: 'enterprise',
      settings: { timezone: 'UTC', locale: 'en_GB' },
      created_at: INSTANT,
      updated_at: INSTANT,
    },
  });
  const missing = await client.get(`${PATH}/2000000000`);
  expectProblem(missing, 'not_found');
  expect(missing.json).toEqual({ error: 'not_found', message: 'Resource not found.' });
});

test('Create Workspace', async () => {
  const slug = uniqueSlug();
  const created = await client.write('POST', PATH, { name: 'New Workspace', slug, tier: 'pro' });
  expect(created.status).toBe(201);
  expect(created.json).toEqual({
    message: 'Workspace created successfully.',
    data: { id: ID, name: 'New Workspace', slug, tier: 'pro', created_at: INSTANT },
  });
  const again = await client.write('POST', PATH, { name: 'New Workspace', slug });
  expectProblem(again, 'validation_failed');
  expect(again.json.errors).toEqual({ slug: ['The slug has already been taken.'] });
  expectProblem(await client.write('POST', PATH, { name: 'x'.repeat(256) }), 'validation_failed');
  const free = await open();
  expect(free).toMatchObject({ tier: 'free', slug: expect.stringMatching(/^new-workspace(-\d+)?$/) });
});

test('Update Workspace', async () => {
  const { id } = await open();
  const { status, json } = await client.write('PATCH', `${PATH}/${id}`, {
    name: 'Updated Name',
    settings: { timezone: 'Europe/London' },
  });
  expect(status).toBe(200);
  expect(json.data).toMatchObject({
    name: 'Updated Name',
    settings: { timezone: 'Europe/London', locale: 'en_GB' },
  });
  expect((await client.get(`${PATH}/${id}`)).json).toEqual(json);
});

test('Delete Workspace', async () => {
  const { id, slug } = await open();
  const inside = { 'x-workspace-id': slug };
  const { json } = await client.write('POST', '/api/v1/api-keys', { name: 'inside' }, inside);
  const theirs = client.withKey(json.data.key);
  expect((await theirs.get('/v1/killswitch')).json.engaged).toBe(true);
  const deleted = await client.write('DELETE', `${PATH}/${id}`, undefined);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expectProblem(await client.get(`${PATH}/${id}`), 'not_found');
  expectProblem(await client.get('/v1/killswitch', inside), 'not_found');
  expectProblem(await theirs.get('/v1/killswitch'), 'unauthorized');
});

test('a key made in a made workspace belongs to that one alone', async () => {
  const { id, slug } = await open();
  const inside = { 'x-workspace-id': String(id) };
  const { json } = await client.write('POST', '/api/v1/api-keys', { name: 'inside', scopes: ['*'] }, inside);
  const theirs = client.withKey(json.data.key);
  expect((await theirs.get(PATH)).json.data.map((row: { slug: string }) => row.slug)).toEqual([slug]);
  expectProblem(await theirs.get(`${PATH}/${home.id}`), 'not_found');
  expectProblem(await theirs.get('/v1/decisions', { 'x-workspace-id': home.slug }), 'not_found');
});
