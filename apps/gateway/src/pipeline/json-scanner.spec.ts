import fc from 'fast-check';
import { findFault } from './json-scanner.js';

test.each([
  ['plain', '{"a":1,"b":2,"a":3}'],
  ['spelled with an escape', '{"a":1,"\\u0061":2}'],
  ['with an escaped quote', '{"a\\"b":1,"a\\u0022b":2}'],
  ['ending in a backslash', '{"a\\\\":1,"a\\u005c":2}'],
  ['empty', '{"":1, "" :2}'],
  ['__proto__', '{"__proto__":1,"__proto__":2}'],
  ['in an object in a list', '[[],{"a":[{}],"x":{"b":1,"b":2}}]'],
  ['after a nested object', '{"a":{"a":1},"a":2}'],
  ['after a nested list', '{"a":[1,"a",{}],"a":2}'],
  ['between line breaks', '{\n"a"\t:\r\n1 ,\n"a": 2}'],
])('finds a name that stands twice: %s', (_, json) => {
  expect(() => JSON.parse(json)).not.toThrow();
  expect(findFault(json)).toMatch(/^the name ".*" stands twice in one object$/);
});

test.each([
  '{"a":"a","b":"a"}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":2}]',
  '["a","a",{"b":["a","a"]}]',
  '{"a":"\\",\\"a\\":","b":"{[,:"}',
  '{"a":"\\\\","b":"\\\\\\""}',
  '{"a":1,"A":2,"a ":3}',
  '"a"',
  'null',
])('finds nothing in %s', (json) => {
  expect(() => JSON.parse(json)).not.toThrow();
  expect(findFault(json)).toBeUndefined();
});

test('quotes no more than the beginning of a long name', () => {
  const name = 'n'.repeat(100_000);
  expect(findFault(`{"${name}":1,"${name}":2}`)).toHaveLength(
    64 + '…'.length + 'the name "" stands twice in one object'.length,
  );
});

test('allows 32 levels and refuses 33, of lists or objects', () => {
  expect(findFault('['.repeat(32) + ']'.repeat(32))).toBeUndefined();
  expect(findFault('['.repeat(33) + ']'.repeat(33))).toBe('it is nested deeper than 32 levels');
  expect(findFault(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBe('it is nested deeper than 32 levels');
  expect(findFault(`[${'[1],'.repeat(100)}2]`)).toBeUndefined();
});

test('finds nothing in whatever JSON.stringify writes, as it never doubles a name', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => findFault(JSON.stringify(value)) === undefined),
  );
});

test('finds the second of two members whatever stands between them', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue({ maxDepth: 4 }), (name, value) => {
      const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
      return findFault(`{${member},${member}}`) !== undefined;
    }),
  );
});

test('reads a megabyte of backslashes and quotes in one pass', () => {
  const json = JSON.stringify({ a: '\\"'.repeat(250_000) });
  const startedAt = process.cpuUsage();
  expect(findFault(json)).toBeUndefined();
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(500);
});
