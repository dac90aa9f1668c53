import type { IncomingMessage } from 'node:http';
import { isAccessToken, parseApiKey } from '@magistry/access';
import { ProblemError } from '@magistry/errors';
import { looksLikeServiceToken } from './service-token-form.js';

const SCHEME = /^(Bearer|DPoP) +(\S+)$/i;

/** One body for every cause, so that a refusal tells nothing about which keys exist. */
export function unauthorized(): ProblemError {
  return new ProblemError(
    'unauthorized',
    'A valid credential is required: send it once, as "Authorization: Bearer <key or token>" or as "x-api-key: <key>".',
  );
}

/**
 * The one credential a request carries, its form and a key's checksum verified without asking anybody. Only access
 * tokens come as `DPoP`.
 * Throws `unauthorized` when it carries none, a malformed one or two different ones.
 */
export function presentedCredential(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (authorization !== undefined && countOf('authorization', request.rawHeaders) > 1) throw unauthorized();
  const [, scheme, bearer] = (authorization !== undefined && SCHEME.exec(authorization)) || [];
  if (authorization !== undefined && bearer === undefined) throw unauthorized();
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) throw unauthorized();
  const credential = bearer ?? apiKey;
  if (typeof credential !== 'string') throw unauthorized();
  if (isAccessToken(credential)) return credential;
  if (scheme?.toLowerCase() === 'dpop' || !hasKnownForm(credential)) throw unauthorized();
  return credential;
}

function hasKnownForm(credential: string): boolean {
  return parseApiKey(credential) !== undefined || looksLikeServiceToken(credential);
}

// Node keeps the first of several Authorization headers and drops the rest.
function countOf(name: string, rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = rawHeaders[index];
    if (header?.length === name.length && header.toLowerCase() === name) count += 1;
  }
  return count;
}
