import { required } from '@magistry/testing';
import pg from 'pg';
import { GivenRows } from './index.js';

interface Item {
  readonly id: number;
  readonly text: string | null;
  readonly atUnixMs: number | null;
  readonly rate: number | null;
  readonly bytes: Uint8Array | null;
}

const ROWS = new GivenRows<Item>(2, [
  ['id', 'int4', ({ id }) => id],
  ['large', 'int8', ({ id }) => id * 2 ** 40],
  ['is_even', 'bool', ({ id }) => id % 2 === 0],
  ['text', 'text', ({ text }) => text],
  ['doc', 'json', ({ text }) => (text === null ? null : JSON.stringify({ text }))],
  ['at', 'timestamptz', ({ atUnixMs }) => atUnixMs],
  ['rate', 'real', ({ rate }) => rate],
  ['bytes', 'bytea', ({ bytes }) => bytes],
]);

const FULL: Item = {
  id: 2,
  text: `',{}\\"ü😀`,
  atUnixMs: 1_795_000_000_123,
  rate: 12.5,
  bytes: Buffer.from([0, 255]),
};
const BARE: Item = { id: 1, text: null, atUnixMs: null, rate: null, bytes: null };
const FULL_ROW = {
  ...{ id: 2, large: String(2 ** 41), is_even: true, text: FULL.text, doc: { text: FULL.text } },
  ...{ at: new Date(1_795_000_000_123), rate: 12.5, bytes: Buffer.from([0, 255]) },
};
const NONE = { text: null, doc: null, at: null, rate: null, bytes: null };
const BARE_ROW = { id: 1, large: String(2 ** 40), is_even: false, ...NONE };

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: required('MAGISTRY_TEST_DATABASE_URL') });
  await client.connect();
});
afterAll(() => client.end());

async function read(rows: string, items: readonly Item[]): Promise<unknown[]> {
  const text = `SELECT given.*, $1::int4 AS before, $${ROWS.parameterBehind}::int4 AS behind FROM (${rows}) given`;
  return (await client.query(text, [7, ...ROWS.values(items), 9])).rows;
}
const around = { before: 7, behind: 9 };

test('many rows arrive as they were given, in their order, with nulls where nothing is', async () => {
  expect(await read(ROWS.many, [FULL, BARE])).toEqual([
    { ...FULL_ROW, ...around },
    { ...BARE_ROW, ...around },
  ]);
  expect(await read(ROWS.many, [])).toEqual([]);
});

test('where there is one at most, one arrives or none', async () => {
  expect(await read(ROWS.one, [FULL])).toEqual([{ ...FULL_ROW, ...around }]);
  expect(await read(ROWS.one, [])).toEqual([]);
});
