import { hash } from 'node:crypto';
import { ProblemError } from '@magistry/errors';
import type { FastifyRequest } from 'fastify';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTPayload, jwtVerify } from 'jose';
import type { Admission } from '../admission/admission.js';
import { isUnderDpop, unauthorized } from './presented-credential.js';

/** The same as the authorization server takes (apps/identity/src/oauth/provider.ts). */
export const DPOP_ALGORITHMS = ['ES256', 'Ed25519', 'EdDSA'];
/** How far a proof's clock may be from ours, either way. */
const WINDOW_SECONDS = 60;

/**
 * Proofs that a caller holds the key which its access token is bound to (RFC 9449 section 7): signed by that key, for
 * this method and address and token, recent, and never seen before. When Redis cannot tell, nobody gets in.
 */
export class DpopProofs {
  constructor(
    private readonly admission: Pick<Admission, 'seeOnce'>,
    private readonly baseUrl: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** `thumbprint` is of the key that the token is bound to; refuses with `unauthorized`. */
  async verify({ raw }: Pick<FastifyRequest, 'raw'>, token: string, thumbprint: string): Promise<void> {
    const { dpop: proof, authorization } = raw.headers;
    // Node joins several DPoP headers with a comma, which no proof has in it.
    if (typeof proof !== 'string' || !isUnderDpop(authorization)) throw refused();
    const { payload, jwk } = await opened(proof);
    const isHolder = (await calculateJwkThumbprint(jwk)) === thumbprint;
    const path = (raw.url ?? '').split('?', 1)[0];
    const isForThis =
      payload['htm'] === raw.method && address(payload['htu']) === address(this.baseUrl + path);
    const isForToken = payload['ath'] === hash('sha256', token, 'base64url');
    if (!isHolder || !isForThis || !isForToken || !this.isRecent(payload)) throw refused();
    await this.requireNew(thumbprint, payload.jti);
  }

  private isRecent({ iat }: JWTPayload): boolean {
    return typeof iat === 'number' && Math.abs(this.now() / 1_000 - iat) <= WINDOW_SECONDS;
  }

  private async requireNew(thumbprint: string, proofId: string | undefined): Promise<void> {
    if (typeof proofId !== 'string' || proofId === '') throw refused();
    const name = hash('sha256', `${thumbprint} ${proofId}`, 'base64url');
    const isNew = await this.admission.seeOnce(`dpop:${name}`, 2 * WINDOW_SECONDS * 1_000);
    if (isNew === undefined) {
      throw new ProblemError('service_unavailable', 'Proofs cannot be checked right now. Retry shortly.', {
        retryAfterSeconds: 1,
      });
    }
    if (!isNew) throw refused();
  }
}

async function opened(proof: string) {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: DPOP_ALGORITHMS,
    });
    if (!protectedHeader.jwk) throw refused();
    return { payload, jwk: protectedHeader.jwk };
  } catch {
    throw refused();
  }
}

/** Without query and fragment, normalised as RFC 3986 says; undefined for what is no address. */
function address(text: unknown): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  return url ? `${url.origin}${url.pathname}` : undefined;
}

function refused(): ProblemError {
  return unauthorized();
}
