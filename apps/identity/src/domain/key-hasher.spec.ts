import { KeyHasher } from './key-hasher.js';

const hasher = new KeyHasher('p'.repeat(32));
const key = { keyId: 'wj4x6y3qftsd', prefix: 'sk_live', secret: '0123456789abcdef'.repeat(3) } as const;

test('recognises the secret it sealed and no other', () => {
  const stored = hasher.seal(key);
  expect(hasher.matches(key.secret, stored)).toBe(true);
  expect(hasher.matches(`${key.secret.slice(0, -1)}0`, stored)).toBe(false);
  expect(hasher.matches('', stored)).toBe(false);
});

test('keeps the public parts and nothing that shows the secret', () => {
  const { secretHmac, ...rest } = hasher.seal(key);
  expect(rest).toEqual({ keyId: key.keyId, prefix: 'sk_live', pepperId: 1 });
  expect(secretHmac).toHaveLength(32);
  expect(Buffer.from(secretHmac).toString('latin1')).not.toContain(key.secret.slice(0, 8));
});

test('a key sealed with another pepper is not recognised', () => {
  const stored = hasher.seal(key);
  expect(new KeyHasher('q'.repeat(32)).matches(key.secret, stored)).toBe(false);
  expect(hasher.matches(key.secret, { ...stored, pepperId: 2 })).toBe(false);
});
