import { decodeRowCursor, encodeRowCursor } from './row-cursor.js';

test('a cursor leads back to its row, and none to the beginning', () => {
  for (const id of [0, 1, 35, 36, 2_147_483_647]) expect(decodeRowCursor(encodeRowCursor(id))).toBe(id);
  expect(decodeRowCursor(undefined)).toBe(0);
});

test.each(['', 'cur_', 'cur_01', 'cur_-1', 'cur_A', 'cur_zzzzzz', 'cur_1 ', 'cur_1000000', '12'])(
  '%j is refused',
  (cursor) =>
    expect(() => decodeRowCursor(cursor)).toThrow(expect.objectContaining({ code: 'validation_failed' })),
);
