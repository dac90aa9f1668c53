import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Whose key it is: a key means something only within its principal and workspace. */
export interface KeyOwner {
  readonly workspaceId: number;
  readonly principalId: string;
}

/**
 * Keeps first answers so that a dump of the table reveals neither keys nor answers: rows are found by an HMAC of
 * the key, and an answer opens only to somebody who presents the key again.
 */
export class AnswerSeal {
  private readonly secret: KeyObject;

  constructor(secret: string) {
    this.secret = createSecretKey(secret, 'utf8');
  }

  /** 32 bytes under which the row is found. */
  keyHmac(owner: KeyOwner, key: string): Buffer {
    return this.derive('lookup', owner, key);
  }

  /** nonce, tag, ciphertext (AES-256-GCM). */
  seal(owner: KeyOwner, key: string, answer: Uint8Array): Buffer {
    const sealed = Buffer.allocUnsafe(NONCE_BYTES + TAG_BYTES + answer.length);
    const nonce = randomFillSync(sealed.subarray(0, NONCE_BYTES));
    const cipher = createCipheriv('aes-256-gcm', this.sealingKey(owner, key), nonce);
    cipher.update(answer).copy(sealed, NONCE_BYTES + TAG_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(sealed, NONCE_BYTES);
    return sealed;
  }

  open(owner: KeyOwner, key: string, sealed: Buffer): Buffer {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      this.sealingKey(owner, key),
      sealed.subarray(0, NONCE_BYTES),
    );
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  }

  // Node tells a Buffer from a KeyObject by an exception, which costs more than the cipher.
  private sealingKey(owner: KeyOwner, key: string): KeyObject {
    return createSecretKey(this.derive('seal', owner, key));
  }

  private derive(purpose: string, { workspaceId, principalId }: KeyOwner, key: string): Buffer {
    return createHmac('sha256', this.secret)
      .update(`${purpose}\n${workspaceId}\n${principalId}\n${key}`)
      .digest();
  }
}
