import type { IncomingMessage } from 'node:http';
import { isAccessToken, parseApiKey } from '@magistry/access';
import { ProblemError } from '@magistry/errors';
import { looksLikeServiceToken } from './service-token-form.js';

const SCHEME = /^(?:Bearer|DPoP) +(\S+)$/i;
const DPOP_SCHEME = /^DPoP +/i;

/** One body for every cause, so that a refusal tells nothing about which keys exist. */
export function unauthorized(): ProblemError {
  return new ProblemError(
    'unauthorized',
    'A valid credential is required: send it once, as "Authorization: Bearer <key or token>" or as "x-api-key: <key>".',
  );
}

type Headers = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/**
 * The one credential a request carries, its form and a key's checksum verified without asking anybody. Only access
 * tokens come as `DPoP`.
 * Throws `unauthorized` when it carries none, a malformed one or two different ones.
 */
export function presentedCredential(request: Headers): string {
  const credential = presentedText(request);
  if (credential === undefined) throw unauthorized();
  if (isAccessToken(credential)) return credential;
  if (isUnderDpop(request.headers.authorization) || !hasKnownForm(credential)) throw unauthorized();
  return credential;
}

/** The same, whatever form it has; undefined when there is none, or not exactly one. */
export function presentedText({ headers, rawHeaders }: Headers): string | undefined {
  const { authorization, 'x-api-key': apiKey } = headers;
  if (authorization !== undefined && countOf('authorization', rawHeaders) > 1) return undefined;
  const [, bearer] = (authorization !== undefined && SCHEME.exec(authorization)) || [];
  if (authorization !== undefined && bearer === undefined) return undefined;
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) return undefined;
  const credential = bearer ?? apiKey;
  return typeof credential === 'string' ? credential : undefined;
}

/** Whether the credential came under the scheme for tokens that are bound to a key. */
export function isUnderDpop(authorization: string | undefined): boolean {
  return DPOP_SCHEME.test(authorization ?? '');
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
