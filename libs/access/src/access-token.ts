/** OAuth access tokens begin with it, so that they are told from keys and found where they leaked. */
export const ACCESS_TOKEN_PREFIX = 'at_';

/** 256 random bits after the prefix, which say nothing (design: gateway.md section 8, rule 3). */
const FORM = /^at_[A-Za-z0-9_-]{43}$/;

/** Whether this could be an access token. Asks nobody. */
export function isAccessToken(credential: string): boolean {
  return FORM.test(credential);
}
