import { mergePatch } from './merge-patch.js';

test.each<[object, object, object]>([
  [
    { timezone: 'UTC', locale: 'en_GB' },
    { timezone: 'Europe/London' },
    { timezone: 'Europe/London', locale: 'en_GB' },
  ],
  [{ a: 1 }, { a: null, b: null }, {}],
  [{ a: { b: 1, c: 2 } }, { a: { c: null, d: 3 } }, { a: { b: 1, d: 3 } }],
  [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
  [{ a: 1 }, { a: { b: { c: null } } }, { a: { b: {} } }],
  [{}, JSON.parse('{"__proto__": {"admin": true}}'), JSON.parse('{"__proto__": {"admin": true}}')],
])('%j patched by %j is %j', (target, patch, merged) => {
  const result = mergePatch(target as Record<string, unknown>, patch as Record<string, unknown>);
  expect(JSON.stringify(result)).toBe(JSON.stringify(merged));
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
});
