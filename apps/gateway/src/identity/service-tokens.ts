import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { identity, type ResolvedWorkspace, SERVICE_TOKEN_SECONDS } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { Strategy } from 'passport-jwt';
import { LookupCache } from './lookup-cache.js';
import { lookupContext } from './lookup-context.js';
import { unauthorized } from './presented-credential.js';
import { readServiceToken, type ServiceClaims } from './service-token-form.js';

/** How far the clocks of whoever signs and whoever verifies may be apart. */
const SKEW_SECONDS = 30;
const ENTRIES_MAX = 10_000;

/** A public key that identity published, and whom what it signs stands for. */
export interface ServiceKey {
  readonly pem: string;
  readonly serviceCredentialId: string;
  readonly scopes: readonly string[];
  readonly workspace: ResolvedWorkspace;
  /** Unix milliseconds; 0 while it signs. */
  readonly retiresUnixMs: number;
}

export interface VerifiedToken {
  readonly key: ServiceKey;
  /** Unix milliseconds from which on it opens nothing. */
  readonly expiresUnixMs: number;
  /** Principals that stand behind it. */
  readonly makerIds: readonly string[];
}

interface TokenRequest {
  readonly token: string;
  readonly key: ServiceKey;
}

/**
 * Verifies tokens of service credentials with the keys that identity published, asked for by `kid` and kept for as
 * long as every other answer of identity's. Whatever is wrong with a token, it is `unauthorized`.
 */
export class ServiceTokens {
  private readonly keys: LookupCache<ServiceKey>;
  private readonly strategy: Strategy;

  constructor(
    private readonly caller: Caller,
    { issuer, audience, keptMs }: { issuer: string; audience: string; keptMs: number },
  ) {
    this.keys = new LookupCache({ refusal: 'unauthorized', ttlMs: keptMs, entriesMax: ENTRIES_MAX });
    const options = {
      jwtFromRequest: (request: unknown) => (request as TokenRequest).token,
      secretOrKeyProvider: (request: unknown, _: unknown, done: (error: null, key: string) => void) =>
        done(null, (request as TokenRequest).key.pem),
      algorithms: ['RS256' as const],
      ...{ issuer, audience, jsonWebTokenOptions: { clockTolerance: SKEW_SECONDS } },
    };
    this.strategy = new Strategy(options, (payload, done) => done(null, payload));
  }

  /** Keys that were asked for before count no more. */
  forget(): void {
    this.keys.forget();
  }

  async verify(token: string): Promise<VerifiedToken> {
    const form = readServiceToken(token);
    if (!form) throw unauthorized();
    const key = await this.keys.lookUp(form.kid, () => this.resolveKey(form.kid));
    const claims = await this.verified({ token, key });
    if (claims.sub !== key.serviceCredentialId || !livesShortly(claims)) throw unauthorized();
    const endsUnixMs = (claims.exp + SKEW_SECONDS) * 1_000;
    const expiresUnixMs = key.retiresUnixMs === 0 ? endsUnixMs : Math.min(endsUnixMs, key.retiresUnixMs);
    return { key, expiresUnixMs, makerIds: claims.maker_ids ?? [] };
  }

  private async resolveKey(kid: string): Promise<ServiceKey> {
    const found = await this.caller.call(identity.resolveServiceKey, { kid }, lookupContext());
    const { publicJwkJson, serviceCredentialId, scopes, workspace, retiresUnixMs } = found;
    if (!workspace) throw new Error('identity published a key of no workspace');
    const key = createPublicKey({ key: JSON.parse(publicJwkJson) as JsonWebKey, format: 'jwk' });
    const pem = key.export({ type: 'spki', format: 'pem' }).toString();
    return { pem, serviceCredentialId, scopes, workspace, retiresUnixMs };
  }

  /** As passport runs a strategy, without a request of its own kind. */
  private verified(request: TokenRequest): Promise<ServiceClaims> {
    return new Promise((resolve, reject) => {
      const run = Object.create(this.strategy) as Strategy;
      run.success = (claims) => resolve(claims as ServiceClaims);
      run.fail = () => reject(unauthorized());
      run.error = reject;
      run.authenticate(request as never);
    });
  }
}

function livesShortly({ iat, exp }: ServiceClaims): boolean {
  const isBegun = iat <= Date.now() / 1_000 + SKEW_SECONDS;
  return isBegun && exp > iat && exp - iat <= SERVICE_TOKEN_SECONDS;
}
