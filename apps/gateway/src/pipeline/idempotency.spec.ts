import { unquoteKey } from './idempotency.js';

test.each([
  ['retry-1', 'retry-1'],
  ['"retry-1"', 'retry-1'],
  ['a"b', 'a"b'],
  ['"a\\"b\\\\c"', 'a"b\\c'],
  ['~', '~'],
  ['x'.repeat(255), 'x'.repeat(255)],
  [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
])('%s is the key %s', (line, key) => {
  expect(unquoteKey([line])).toBe(key);
});

test('equal lines are one key', () => {
  expect(unquoteKey(['a', 'a'])).toBe('a');
});

test.each([
  '',
  ' ',
  '""',
  '"',
  '"a',
  '"a"b"',
  '"a\\"',
  '"a\\b"',
  'a b',
  '"a b"',
  'é',
  'a\u007f',
  'x'.repeat(256),
])('refuses %j as a key', (line) => {
  expect(() => unquoteKey([line])).toThrow(expect.objectContaining({ code: 'idempotency_key_invalid' }));
});

test('refuses two different lines', () => {
  expect(() => unquoteKey(['a', '"a"'])).toThrow(/Two different/);
});
