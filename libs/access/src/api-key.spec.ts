import { crc32 } from 'node:zlib';
import { type ApiKeyPrefix, mintApiKey, parseApiKey } from './index.js';

const PREFIXES: ApiKeyPrefix[] = ['sk_live', 'sk_test', 'mag_live_partner', 'mag_test_partner', 'magus_sk'];

function sealed(body: string): string {
  return `${body}_${crc32(body).toString(16).padStart(8, '0')}`;
}

test.each(PREFIXES)('a minted %s key is read back into its parts', (prefix) => {
  const { credential, ...parts } = mintApiKey(prefix);
  expect(credential.startsWith(`${prefix}_${parts.keyId}_${parts.secret}_`)).toBe(true);
  expect(parseApiKey(credential)).toEqual(parts);
});

test('no two keys share an id or a secret', () => {
  const keys = Array.from({ length: 1_000 }, () => mintApiKey('sk_live'));
  expect(new Set(keys.map((key) => key.keyId)).size).toBe(1_000);
  expect(new Set(keys.map((key) => key.secret)).size).toBe(1_000);
});

test('one changed character anywhere is refused', () => {
  const { credential } = mintApiKey('mag_live_partner');
  for (let at = 0; at < credential.length; at += 1) {
    const other = credential[at] === '0' ? '1' : '0';
    expect(parseApiKey(credential.slice(0, at) + other + credential.slice(at + 1))).toBeUndefined();
  }
});

test('a good checksum does not save a wrong form', () => {
  const { keyId, secret } = mintApiKey('sk_live');
  const bodies = [
    `sk_prod_${keyId}_${secret}`,
    `sk_live_${keyId}`,
    `sk_live_${keyId}0_${secret}`,
    `sk_live_${keyId}_${secret}00`,
    `sk_live_${keyId}_${secret.slice(1)}`,
    `sk_live_${keyId.slice(1)}U_${secret}`,
    `sk_live__${secret}`,
  ];
  expect(bodies.map((body) => parseApiKey(sealed(body)))).toEqual(bodies.map(() => undefined));
});

test('what is not a key at all is refused', () => {
  const { credential } = mintApiKey('sk_test');
  const refused = ['', 'Bearer', 'at_abc', `${credential}\n`, ` ${credential}`, credential.toUpperCase()];
  expect(refused.some((text) => parseApiKey(text) !== undefined)).toBe(false);
  expect(parseApiKey('sk_live_'.repeat(100_000))).toBeUndefined();
});
