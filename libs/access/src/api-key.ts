import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Keys of workspaces, partners and integrations; `test` keys belong to sandboxes. */
export type ApiKeyPrefix = 'sk_live' | 'sk_test' | 'mag_live_partner' | 'mag_test_partner' | 'magus_sk';

export interface ApiKey {
  readonly prefix: ApiKeyPrefix;
  /** Public name of the key: 12 characters of Crockford's base32, 60 bits. */
  readonly keyId: string;
  /** 192 random bits in hex. Never stored and never logged. */
  readonly secret: string;
}

const ID_LENGTH = 12;
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SECRET_BYTES = 24;
const FORM =
  /^((sk_live|sk_test|mag_live_partner|mag_test_partner|magus_sk)_([0-9a-z]{12})_([0-9a-f]{48}))_([0-9a-f]{8})$/;

/** A new key. `credential` (`<prefix>_<keyId>_<secret>_<checksum>`) is shown to its owner once. */
export function mintApiKey(prefix: ApiKeyPrefix): ApiKey & { readonly credential: string } {
  const keyId = Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET.charAt(byte % 32)).join('');
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const body = `${prefix}_${keyId}_${secret}`;
  return { prefix, keyId, secret, credential: `${body}_${checksumOf(body)}` };
}

/**
 * The parts of a credential, or undefined when its prefix, length or checksum is not that of an API key.
 * Asks nobody: a mistyped key is refused for free, and a key that passes may still be unknown.
 */
export function parseApiKey(credential: string): ApiKey | undefined {
  const [, body = '', prefix = '', keyId = '', secret = '', checksum] = FORM.exec(credential) ?? [];
  if (checksum === undefined || checksumOf(body) !== checksum) return undefined;
  return { prefix: prefix as ApiKeyPrefix, keyId, secret };
}

/** CRC-32 in 8 hex digits: finds every single mistyped character. */
function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
