import { SERVICE_TOKEN_TYPE } from '@magistry/contracts';
import { z } from 'zod';

/** Above any that identity signs, with 50 scopes of 100 letters. */
const LENGTH_MAX = 8 * 1024;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
/** As many as identity lets stand behind a credential. */
const MAKERS_MAX = 8;
const SECONDS_MAX = 253_402_300_799;

// Nothing else: no jku, jwk or x5u that leads to another key, no crit, b64, cty or zip that changes the reading.
const header = z.strictObject({
  alg: z.literal('RS256'),
  typ: z.literal(SERVICE_TOKEN_TYPE),
  /** RFC 7638 thumbprint: 32 bytes. */
  kid: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});

const seconds = z.int().min(0).max(SECONDS_MAX);
const claims = z.strictObject({
  scope: z.string(),
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  iat: seconds,
  exp: seconds,
  jti: z.string(),
  /** Whoever it was minted for, and who made its credential: left out where that is nobody. */
  maker_ids: z.array(z.string()).min(1).max(MAKERS_MAX).optional(),
});

export type ServiceClaims = z.infer<typeof claims>;

export interface ServiceTokenForm {
  readonly kid: string;
  /** As they stand there, not verified. */
  readonly claims: ServiceClaims;
}

/** Whether it is one of ours to look at, however wrong: `header.claims.signature`, each base64url. */
export function looksLikeServiceToken(credential: string): boolean {
  return credential.length <= LENGTH_MAX && FORM.test(credential);
}

/**
 * The parts of a token that identity may have signed; undefined for every other. Only the one spelling that we write
 * ourselves is read, so that no two readers see different tokens: of a repeated claim, or in a stray bit.
 */
export function readServiceToken(token: string): ServiceTokenForm | undefined {
  if (!looksLikeServiceToken(token)) return undefined;
  const [head = '', body = '', signature = ''] = token.split('.');
  if (!isCanonical(signature)) return undefined;
  const readHeader = header.safeParse(readPart(head));
  const readClaims = claims.safeParse(readPart(body));
  if (!readHeader.success || !readClaims.success) return undefined;
  return { kid: readHeader.data.kid, claims: readClaims.data };
}

function readPart(part: string): unknown {
  if (!isCanonical(part)) return undefined;
  const text = Buffer.from(part, 'base64url').toString();
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** base64url may end in bits that nobody reads. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
