import { required } from '@magistry/testing';
import pg from 'pg';
import { bigintColumn, booleanColumn, bytesColumn, integerColumn, textColumn } from './index.js';

test('Postgres reads every column as it was written, nulls and hostile text included', async () => {
  const client = new pg.Client({ connectionString: required('MAGISTRY_TEST_DATABASE_URL') });
  await client.connect();
  const texts = ['plain', null, '{"a":"b\\"}', "',{}\\ü😀", ''];
  const { rows } = await client.query(
    'SELECT * FROM unnest($1::text[], $2::bytea[], $3::int4[], $4::int8[], $5::bool[]) AS t (t, b, i, l, f)',
    [
      textColumn(texts),
      bytesColumn([Buffer.from([0, 1, 255]), null, Buffer.alloc(0), Buffer.from('x'), Buffer.from('y')]),
      integerColumn([1, -1, null, 2147483647, 0]),
      bigintColumn([1, -1, null, Number.MAX_SAFE_INTEGER, 0]),
      booleanColumn([true, false, null, true, false]),
    ],
  );
  await client.end();
  expect(rows.map((row) => row.t)).toEqual(texts);
  expect(rows[0].b).toEqual(Buffer.from([0, 1, 255]));
  expect(rows.map((row) => row.i)).toEqual([1, -1, null, 2147483647, 0]);
  expect(rows.map((row) => row.l)).toEqual(['1', '-1', null, String(Number.MAX_SAFE_INTEGER), '0']);
  expect(rows.map((row) => row.f)).toEqual([true, false, null, true, false]);
});
