import { Injectable } from '@nestjs/common';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { Clock } from '../domain/clock.js';
import { OAuthSigningKeyStore } from '../storage/oauth-signing-key-store.js';
import { OAuthSecrets } from './secrets.js';

const ALGORITHM = 'RS256';

/** Public keys that somebody signs with and that others verify by: each source lists its own at the time. */
export interface KeySource {
  publicKeys(): Promise<JWK[]>;
}

/** What ID tokens are signed with. */
@Injectable()
export class SigningKeys implements KeySource {
  private known: JWK | undefined;

  constructor(
    private readonly keys: OAuthSigningKeyStore,
    private readonly secrets: OAuthSecrets,
    private readonly clock: Clock,
  ) {}

  async privateKey(): Promise<JWK> {
    this.known ??= await this.find();
    return this.known;
  }

  async publicKeys(): Promise<JWK[]> {
    const { kty, kid, alg, use, n, e } = await this.privateKey();
    return [{ kty, kid, alg, use, n, e } as JWK];
  }

  private async find(): Promise<JWK> {
    const make = async () => {
      const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
      const kid = crypto.randomUUID();
      const jwk = { ...(await exportJWK(privateKey)), kid, alg: ALGORITHM, use: 'sig' };
      return { kid, sealedJwk: this.secrets.seal(JSON.stringify(jwk)) };
    };
    const { sealedJwk } = await this.keys.findOrCreate(make, new Date(this.clock.now()));
    return JSON.parse(this.secrets.open(sealedJwk)) as JWK;
  }
}
