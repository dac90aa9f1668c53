import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of the authorization server, all derived from the service's sealing secret, so that every process has them. */
export class OAuthSecrets {
  constructor(private readonly sealingSecret: string) {}

  /** Signs the cookies of logins. */
  get cookieKey(): string {
    return this.derive('cookies').toString('base64url');
  }

  /** Tells refresh tokens that we wrote from others. */
  get refreshTokenKey(): Buffer {
    return this.derive('refresh tokens');
  }

  /** Makes the nonces of DPoP. */
  get dpopNonceKey(): Buffer {
    return this.derive('DPoP nonces');
  }

  /** nonce, tag, ciphertext (AES-256-GCM), for what is kept at rest. */
  seal(text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.derive('at rest'), nonce);
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  open(sealed: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', this.derive('at rest'), sealed.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return (
      decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
    );
  }

  private derive(purpose: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.sealingSecret, '', `magistry oauth ${purpose}`, KEY_BYTES));
  }
}
