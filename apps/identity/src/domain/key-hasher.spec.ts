import { parseApiKey } from '@magistry/access';
import { KeyHasher } from './key-hasher.js';

const hasher = new KeyHasher('p'.repeat(32));

test('recognises the secret it issued and no other', () => {
  const { credential, stored } = hasher.issue('sk_live');
  const secret = parseApiKey(credential)?.secret ?? '';
  expect(hasher.matches(secret, stored)).toBe(true);
  expect(hasher.matches(`${secret.slice(0, -1)}x`, stored)).toBe(false);
  expect(hasher.matches('', stored)).toBe(false);
});

test('stores nothing that shows the secret', () => {
  const { credential, stored } = hasher.issue('mag_live_partner');
  const secret = parseApiKey(credential)?.secret ?? '';
  expect(stored.secretHmac).toHaveLength(32);
  expect(JSON.stringify({ ...stored, hex: Buffer.from(stored.secretHmac).toString('hex') })).not.toContain(
    secret,
  );
});

test('a key hashed with another pepper is not recognised', () => {
  const { credential, stored } = hasher.issue('sk_live');
  const secret = parseApiKey(credential)?.secret ?? '';
  expect(new KeyHasher('q'.repeat(32)).matches(secret, stored)).toBe(false);
  expect(hasher.matches(secret, { ...stored, pepperId: 2 })).toBe(false);
});
