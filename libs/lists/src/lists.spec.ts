import { declareList, type ListQuery } from './declare-list.js';
import { ListReader } from './list-reader.js';
import type { ListSource, Statement } from './list-statement.js';
import { pickFields, renderPage } from './render-page.js';

const { query, itemQuery } = declareList({
  fields: ['id', 'name', 'created_at'],
  sortable: ['id', 'name'],
  includes: ['owner'],
  statuses: ['active', 'expired'],
  times: ['created'],
  isSearchable: true,
});
const read = (given: Record<string, string>) => query.parse(given);

test('without parameters it is the first page of 25', () => {
  expect(read({})).toEqual({ page: 1, per_page: 25 });
});

test('every documented parameter is read', () => {
  const parsed = read({
    page: '2',
    per_page: '100',
    sort: '-name,id',
    fields: 'id,name',
    include: 'owner',
    status: 'expired',
    created_after: '2026-01-01',
    created_before: '2026-02-01T00:00:00+01:00',
    search: '50%_\\',
  });
  expect(parsed).toMatchObject({
    sort: [
      { field: 'name', isDescending: true },
      { field: 'id', isDescending: false },
    ],
    fields: ['id', 'name'],
    created_after: new Date('2026-01-01T00:00:00Z'),
    created_before: new Date('2026-01-31T23:00:00Z'),
  });
});

test.each([
  [{ page: '0' }],
  [{ page: '-1' }],
  [{ page: '1e3' }],
  [{ page: '' }],
  [{ page: '99999999' }],
  [{ per_page: '101' }],
  [{ sort: 'secret' }],
  [{ sort: '' }],
  [{ sort: '--id' }],
  [{ sort: 'id,-id' }],
  [{ sort: '__proto__' }],
  [{ fields: 'id,constructor' }],
  [{ fields: 'id,id' }],
  [{ include: 'members' }],
  [{ status: 'deleted' }],
  [{ created_after: 'yesterday' }],
  [{ updated_after: '2026-01-01' }],
  [{ search: 'a\u0000b' }],
  [{ colour: 'red' }],
])('%j is refused, not ignored', (given) => {
  expect(query.safeParse(given).success).toBe(false);
});

test('a single row takes fields and include, and nothing else', () => {
  expect(itemQuery.safeParse({ fields: 'id', include: 'owner' }).success).toBe(true);
  expect(itemQuery.safeParse({ page: '1' }).success).toBe(false);
});

test('meta and links are those of seed 003', () => {
  const rows = Array.from({ length: 25 }, (_, index) => index);
  expect(renderPage(rows, 250, read({}), 'https://api.example.com/v1/resource')).toEqual({
    data: rows,
    meta: { current_page: 1, from: 1, last_page: 10, per_page: 25, to: 25, total: 250 },
    links: {
      first: 'https://api.example.com/v1/resource?page=1',
      last: 'https://api.example.com/v1/resource?page=10',
      prev: null,
      next: 'https://api.example.com/v1/resource?page=2',
    },
  });
});

test('links keep what was asked, and an empty list has one page', () => {
  const { links } = renderPage([1], 3, read({ per_page: '1', page: '3', sort: '-id', search: 'a&b' }), 'u');
  expect(links).toMatchObject({ next: null, prev: 'u?page=2&per_page=1&sort=-id&search=a%26b' });
  expect(renderPage([], 0, read({}), 'u')).toMatchObject({
    meta: { from: null, to: null, last_page: 1, total: 0 },
    links: { last: 'u?page=1', prev: null, next: null },
  });
});

test('fields keep the order of the row', () => {
  expect(Object.keys(pickFields({ id: 1, name: 'a', tier: 'b' }, ['tier', 'id']))).toEqual(['id', 'tier']);
});

const SOURCE: ListSource = {
  select: 'id',
  from: 'thing',
  key: 'id',
  columns: { id: 'id', name: 'name', created_at: 'created_at' },
  statuses: { active: 'true', expired: 'false' },
  searched: ['name'],
};

/** A reader over as many rows as asked for, with the statements that it ran. */
function readerOver(size: number) {
  const ran: Statement[] = [];
  const run = async <Found extends object>(statement: Statement): Promise<Found[]> => {
    ran.push(statement);
    if (!statement.text.includes('count(*)')) return [{ listKey: 77 }] as unknown as Found[];
    const max = statement.values.at(-1) as number | null;
    return [{ total: String(max === null ? size : Math.min(size, max)) }] as unknown as Found[];
  };
  const reader = new ListReader(SOURCE);
  const read = (query: ListQuery) => reader.read({ query: run }, SCOPE, query);
  return { ran, read };
}
const SCOPE = { condition: 'workspace_id = $1', values: [7] };
const ask = (given: Partial<ListQuery>): ListQuery => ({ page: 1, per_page: 25, ...given });

test('what a caller writes never becomes SQL', async () => {
  const { ran, read } = readerOver(1);
  await read(ask({ search: `'; DROP TABLE "thing" --%` }));
  expect(ran.every(({ text }) => !text.includes('DROP'))).toBe(true);
  expect(ran[0]?.values).toContain(`%'; DROP TABLE "thing" --\\%%`);
});

test('a long list is counted through once a minute, a short one each time', async () => {
  const { ran, read } = readerOver(2_000_000);
  expect((await read(ask({}))).total).toBe(2_000_000);
  expect((await read(ask({}))).total).toBe(2_000_000);
  expect(ran.filter(({ text, values }) => text.includes('count') && values.at(-1) === null)).toHaveLength(1);
});

test('deep in a list a page begins behind the last row of the page before', async () => {
  const { ran, read } = readerOver(2_000_000);
  await read(ask({ page: 40 }));
  await read(ask({ page: 41 }));
  await read(ask({ page: 43 }));
  const pages = ran.filter(({ text }) => text.includes('ORDER BY'));
  expect(pages.map(({ values }) => values.at(-1))).toEqual([975, 0, 1050]);
  expect(pages[1]?.values).toContain(77);
});
