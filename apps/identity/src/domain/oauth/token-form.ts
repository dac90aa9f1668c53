import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits (design: gateway.md section 8, rule 3). */
const SECRET_BYTES = 32;
const REFRESH_TOKEN = /^rt_([A-Za-z0-9_-]{16,64})~(\d{1,9})~([A-Za-z0-9_-]{43})~([A-Za-z0-9_-]{43})$/;

/** All that is kept of a token. */
export function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What a refresh token says of itself, once its seal has shown that we wrote it. */
export interface RefreshTokenName {
  readonly grantId: string;
  readonly generation: number;
}

/**
 * `rt_<grant>~<generation>~<secret>~<mac>`: an old generation is recognised as ours without keeping it, and a made-up
 * one is told from it without touching the family (design: gateway.md section 8, rules 4, 7 and 8).
 */
export class RefreshTokenForm {
  constructor(private readonly macKey: Buffer) {}

  mint({ grantId, generation }: RefreshTokenName): string {
    const body = `rt_${grantId}~${generation}~${randomBytes(SECRET_BYTES).toString('base64url')}`;
    return `${body}~${this.mac(body).toString('base64url')}`;
  }

  /** Undefined for what we did not write. Asks nobody. */
  read(token: string): RefreshTokenName | undefined {
    const [, grantId = '', generation = '', , mac = ''] = REFRESH_TOKEN.exec(token) ?? [];
    if (mac === '') return undefined;
    const body = token.slice(0, token.length - mac.length - 1);
    if (!timingSafeEqual(this.mac(body), sized(Buffer.from(mac, 'base64url')))) return undefined;
    return { grantId, generation: Number(generation) };
  }

  private mac(body: string): Buffer {
    return createHmac('sha256', this.macKey).update(body).digest();
  }
}

function sized(mac: Buffer): Buffer {
  return mac.length === SECRET_BYTES ? mac : Buffer.alloc(SECRET_BYTES);
}
