import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is stored of a key: nothing that the credential could be made from again. */
export interface StoredSecret {
  readonly keyId: string;
  readonly prefix: string;
  readonly secretHmac: Uint8Array;
  /** Which pepper the secret was hashed with, so that peppers can be changed one key at a time. */
  readonly pepperId: number;
}

const PEPPER_ID = 1;

/** Hashes secrets with HMAC-SHA-256 under a pepper that the database never sees. */
export class KeyHasher {
  constructor(private readonly pepper: string) {}

  seal({ keyId, prefix, secret }: { keyId: string; prefix: string; secret: string }): StoredSecret {
    return { keyId, prefix, secretHmac: this.hash(secret), pepperId: PEPPER_ID };
  }

  /** In a time that does not depend on how much of the secret is right. */
  matches(secret: string, stored: Pick<StoredSecret, 'secretHmac' | 'pepperId'>): boolean {
    return stored.pepperId === PEPPER_ID && timingSafeEqual(this.hash(secret), stored.secretHmac);
  }

  private hash(secret: string) {
    return createHmac('sha256', this.pepper).update(secret).digest();
  }
}
