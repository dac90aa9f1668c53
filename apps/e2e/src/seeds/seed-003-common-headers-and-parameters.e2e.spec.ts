import type { GatewayClient } from '../gateway.fixture.js';
import { expectProblem } from '../problem.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { Workspaces } from '../workspaces.fixture.js';

const system = systemUnderTest();
const RESOURCES = '/api/v1/workspaces';
const MADE = 6;

let workspaces: Workspaces;
let client: GatewayClient;
let homeSlug: string;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  const home = await workspaces.create();
  ({ client, slug: homeSlug } = home);
  for (let made = 1; made <= MADE; made += 1) await client.write('POST', RESOURCES, { name: `Made ${made}` });
});
afterAll(() => workspaces.close());

const names = async (query: string) =>
  (await client.get(`${RESOURCES}?${query}`)).json.data.map(({ name }: { name: string }) => name);

test('Common Headers: every answer has a request id, a sane one is kept', async () => {
  const answered = await client.get(RESOURCES, { 'x-request-id': 'mine-1', accept: 'application/json' });
  expect(answered.headers['x-request-id']).toBe('mine-1');
  expect(answered.headers['content-type']).toMatch(/^application\/json/);
  expect((await client.get(RESOURCES)).headers['x-request-id']).toMatch(/^req_/);
});

test('Common Headers: X-Workspace-ID chooses by id or slug', async () => {
  const [made] = (await client.get(`${RESOURCES}?sort=-id&per_page=1`)).json.data;
  for (const selector of [String(made.id), made.slug]) {
    const { json } = await client.get('/api/v1/entitlements/summary', { 'x-workspace-id': selector });
    expect(json.data.workspace_id).toBe(made.id);
  }
});

test('Pagination', async () => {
  const { json } = await client.get(`${RESOURCES}?per_page=3&page=2`);
  expect(json.data).toHaveLength(3);
  expect(json.meta).toEqual({ current_page: 2, from: 4, last_page: 3, per_page: 3, to: 6, total: MADE + 1 });
  const at = (page: number) => `${system.gatewayUrl}${RESOURCES}?page=${page}&per_page=3`;
  expect(json.links).toEqual({ first: at(1), last: at(3), prev: at(1), next: at(3) });
  const next = new URL(json.links.next);
  const last = await client.get(`${next.pathname}${next.search}`);
  expect(last.json.data).toHaveLength(1);
  expect(last.json.links.next).toBeNull();
  expectProblem(await client.get(`${RESOURCES}?per_page=101`), 'validation_failed');
});

test('Filtering', async () => {
  expect(await names('search=made&created_after=2020-01-01')).toHaveLength(MADE);
  expect(await names('created_before=2020-01-01T00:00:00Z')).toEqual([]);
  expect(await names('updated_after=2020-01-01&updated_before=2999-01-01')).toHaveLength(MADE + 1);
  const keys = await client.get('/api/v1/api-keys?status=active');
  expect(keys.json.meta.total).toBe(1);
});

test('Sorting, Field Selection and Includes', async () => {
  expect(await names('sort=-created_at,name&search=Made')).toHaveLength(MADE);
  expect((await names('sort=-name&search=Made')).slice(0, 2)).toEqual([`Made ${MADE}`, `Made ${MADE - 1}`]);
  const { json } = await client.get(`${RESOURCES}?fields=id,name,created_at&per_page=1`);
  expect(Object.keys(json.data[0])).toEqual(['id', 'name', 'created_at']);
  const keys = await client.get('/api/v1/api-keys?include=workspace&fields=id');
  expect(keys.json.data[0].workspace.slug).toBe(homeSlug);
});

test.each(['sort=secret', 'fields=password', 'include=owner', 'status=gone', 'colour=red', 'page=0'])(
  'what a list does not know is refused, not ignored: %s',
  async (query) => {
    const refused = await client.get(`${RESOURCES}?${query}`);
    expectProblem(refused, 'validation_failed');
    expect(Object.keys(refused.json.errors)).toEqual([query.split('=')[0]]);
  },
);
