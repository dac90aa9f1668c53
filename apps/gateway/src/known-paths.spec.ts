import { KnownPaths } from './known-paths.js';

const known = new KnownPaths();
known.add('/v1/decisions', ['GET']);
known.add('/v1/decisions/:decision', ['GET']);
known.add('/v1/decisions/:decision/reverse', ['POST']);
known.add('/v1/decisions/latest', ['PUT']);

test.each([
  ['/v1/decisions?limit=1', 'GET, OPTIONS'],
  ['/v1/decisions/dec_1/reverse#x', 'OPTIONS, POST'],
  ['/v1/decisions/latest', 'GET, OPTIONS, PUT'],
  ['/v1/decisions/', ''],
  ['/v1/decisions/a/b', ''],
  ['/', ''],
  ['', ''],
])('at %s the methods are "%s"', (url, methods) => {
  expect(known.allowed(url)).toBe(methods);
});
