import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Seals secrets that must be read again, so that a dump of the tables reveals none (AES-256-GCM). A sealed one opens
 * in its own place alone, which says whose it is: `endpoint:7`.
 */
export class SecretSeal {
  private readonly key: KeyObject;
  private readonly otherKey: KeyObject | undefined;

  /**
   * `purpose` keeps apart what one secret is used for. What `otherSecret` sealed is opened too, and nothing is sealed
   * under it: it is the one before or the one to come.
   */
  constructor(secret: string, purpose: string, otherSecret?: string) {
    this.key = keyOf(secret, purpose);
    this.otherKey = otherSecret === undefined ? undefined : keyOf(otherSecret, purpose);
  }

  /** Whether anything that it opens may be sealed under another secret than it seals with. */
  get hasOther(): boolean {
    return this.otherKey !== undefined;
  }

  /** nonce, tag, ciphertext. */
  seal(place: string, secret: string | Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(Buffer.from(secret)), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws when it was sealed in another place, under neither secret, or changed. */
  open(place: string, sealed: Buffer): Buffer {
    if (this.otherKey === undefined || this.isOwn(place, sealed)) return openWith(this.key, place, sealed);
    return openWith(this.otherKey, place, sealed);
  }

  /** Whether it was sealed under the secret that seals now. */
  isOwn(place: string, sealed: Buffer): boolean {
    try {
      openWith(this.key, place, sealed);
      return true;
    } catch {
      return false;
    }
  }
}

function keyOf(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES)));
}

// The tag is compared in constant time, by OpenSSL.
function openWith(key: KeyObject, place: string, sealed: Buffer): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
