import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '@magistry/errors';
import { Injectable } from '@nestjs/common';
import { PublicAddress } from '../domain/public-address.js';
import { OAuthSecrets } from '../oauth/secrets.js';
import type { Visit } from './visit.js';

const COOKIE_BYTES = 24;

/**
 * Lets in only forms that our own pages have shown to this browser: each carries a token that is made of a cookie
 * under a key of ours (OWASP's signed double-submit cookie), and where the browser says who sent it, it was us.
 */
@Injectable()
export class FormGuard {
  private readonly origin: string;
  private readonly isSecure: boolean;
  private readonly cookie: string;

  constructor(
    address: PublicAddress,
    private readonly secrets: OAuthSecrets,
  ) {
    const { origin, protocol } = new URL(address.baseUrl);
    this.origin = origin;
    this.isSecure = protocol === 'https:';
    // The prefix makes browsers refuse one that a neighbouring site has planted.
    this.cookie = this.isSecure ? '__Host-magistry_form' : 'magistry_form';
  }

  /** For the forms of this answer; sets the cookie in a browser that has none. */
  token(cookies: Visit['cookies']): string {
    const present = cookies.get(this.cookie, { signed: false });
    const value = present ?? randomBytes(COOKIE_BYTES).toString('base64url');
    if (present === undefined) {
      const options = { httpOnly: true, sameSite: 'lax', path: '/', signed: false } as const;
      cookies.set(this.cookie, value, { ...options, secure: this.isSecure });
    }
    return this.tokenOf(value);
  }

  /** Throws `access_denied` for a form that is not ours. */
  require(request: IncomingMessage, cookies: Visit['cookies'], form: URLSearchParams): void {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const isElsewhere = (origin !== undefined && origin !== this.origin) || (site && site !== 'same-origin');
    const present = cookies.get(this.cookie, { signed: false });
    const sent = Buffer.from(form.get('form_token') ?? '');
    const expected = Buffer.from(this.tokenOf(present ?? ''));
    const isOurs =
      present !== undefined && sent.length === expected.length && timingSafeEqual(sent, expected);
    if (isElsewhere || !isOurs) {
      throw new ProblemError(
        'access_denied',
        'This form has expired. Go back, reload the page and try again.',
      );
    }
  }

  private tokenOf(cookie: string): string {
    return createHmac('sha256', this.secrets.cookieKey).update(`form ${cookie}`).digest('base64url');
  }
}
