import { ProblemError } from '@magistry/errors';

/** How credentials of a workspace's keys begin: whoever sees one knows whether it can do harm. */
export function keyPrefixIn({ isSandbox }: { readonly isSandbox: boolean }): 'sk_live' | 'sk_test' {
  return isSandbox ? 'sk_test' : 'sk_live';
}

/** Throws `access_denied`: from a sandbox nothing may be made that acts outside of it. */
export function refuseFromSandbox(what: string): never {
  throw new ProblemError(
    'access_denied',
    `A sandbox cannot ${what}. Ask in the workspace that applied for the partner.`,
  );
}

/** Throws `access_denied` while an operator has suspended the partner. */
export function requireApproved(slug: string, { status }: { readonly status: string }): void {
  if (status === 'approved') return;
  throw new ProblemError(
    'access_denied',
    `The partner ${slug} is suspended: it gets no keys and no sandbox until it is approved again.`,
  );
}
