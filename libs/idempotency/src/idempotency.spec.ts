import { createHash } from 'node:crypto';
import { AnswerSeal, fingerprintOf, mismatchOf } from './index.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const request = {
  method: 'POST',
  path: '/v1/planner/propose',
  query: '',
  version: '2026-05-01',
  bodyHash: sha256('{}'),
};

test('the same request has the same fingerprint, whatever the order of its query', () => {
  const first = fingerprintOf({ ...request, query: 'a=1&b=2' });
  expect(mismatchOf(first, fingerprintOf({ ...request, query: 'b=2&a=1' }))).toEqual([]);
});

test.each([
  ['method', { method: 'PUT' }],
  ['route', { path: '/v1/killswitch' }],
  ['query', { query: 'x=1' }],
  ['version', { version: '2026-11-01' }],
  ['body', { bodyHash: sha256('[]') }],
])('a change of the %s is named', (name, change) => {
  expect(mismatchOf(fingerprintOf(request), fingerprintOf({ ...request, ...change }))).toEqual([name]);
});

const owner = { workspaceId: 7, principalId: 'key:1' };
const seal = new AnswerSeal('a secret that is long enough for a test');

test('a sealed answer opens with its key and shows nothing of itself', () => {
  const sealed = seal.seal(owner, 'retry-1', Buffer.from('sk_live_secret'));
  expect(sealed.includes('sk_live_secret')).toBe(false);
  expect(seal.open(owner, 'retry-1', sealed).toString()).toBe('sk_live_secret');
});

test('a sealed answer stays closed to another key and to another principal', () => {
  const sealed = seal.seal(owner, 'retry-1', Buffer.from('answer'));
  expect(() => seal.open(owner, 'retry-2', sealed)).toThrow();
  expect(() => seal.open({ ...owner, principalId: 'key:2' }, 'retry-1', sealed)).toThrow();
});

test('two workspaces never share a key', () => {
  expect(seal.keyHmac(owner, 'k').equals(seal.keyHmac({ ...owner, workspaceId: 8 }, 'k'))).toBe(false);
});
