import { STYLE_SOURCE } from './views/style.js';

/**
 * Nothing but the page itself and its style: no script, no frame, no form that leads elsewhere. `leadsTo` is the
 * source that a form may lead on to: Chromium holds redirects behind a form against the policy too.
 */
export function pageHeaders(leadsTo?: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}`,
    `form-action 'self'${leadsTo ? ` ${leadsTo}` : ''}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    // An address may hold the token of an invitation; our own forms still say where they come from.
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}

/** The source of a policy that an address belongs to: its origin, or the scheme of an application's own. */
export function sourceOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, protocol } = new URL(address);
  const source = origin === 'null' ? protocol : origin;
  return /^[a-z][a-z0-9+.-]*:(\/\/[a-z0-9.:[\]-]+)?$/i.test(source) ? source : undefined;
}
