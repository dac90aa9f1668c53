import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller } from './caller.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let lister: ApiCaller;

const list = (query: string) => lister.ask(identity.listReachableWorkspaces, { query });
const names = async (query: string) =>
  (await list(query)).json.data.map(({ name }: { name: string }) => name);

beforeAll(async () => {
  running = await startIdentity();
  lister = await aCaller(running);
  for (const name of ['Alder', 'Birch', 'Cedar', '100%_Dogwood'])
    await lister.ask(identity.openWorkspace, { body: { name } });
});

afterAll(() => running.stop());

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
