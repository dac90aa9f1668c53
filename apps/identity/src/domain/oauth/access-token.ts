import type { Role } from '@magistry/contracts';
import { ROLE_SCOPES } from '../people/roles.js';
import type { Tier } from '../tiers.js';
import type { LiveWorkspace } from '../workspace.js';

/** An access token of a family that lives, with what it stands for right now. */
export interface AccessToken {
  readonly scope: string | null;
  /** Of the DPoP key that it is bound to. */
  readonly dpopThumbprint: string | null;
  readonly expiresAt: Date;
  /** The family, and the person whose consent it is; both null for an application by itself. */
  readonly grantId: string | null;
  readonly accountId: string | null;
  /** The person's in the workspace; null for somebody who is no member any more. */
  readonly role: Role | null;
  readonly clientId: string;
  /** Principals that stand behind the application. */
  readonly clientMakerIds: readonly string[];
  /** Chosen at consent, or the application's own. */
  readonly workspace: LiveWorkspace & { readonly tier: Tier };
}

type Narrowed = (scopes: readonly string[], limit: readonly string[]) => string[];

/** It expires at the very instant, and ends with the membership of whoever stands behind it. */
export function isLiving({ grantId, role, expiresAt }: AccessToken, now: Date): boolean {
  return now < expiresAt && (grantId === null || role !== null);
}

/**
 * What the gateway is told. The principal is the family, or the application: a refreshed token takes no new limit
 * and finds its idempotency keys. `narrowed` is of libs/access.
 */
export function resolvedToken(token: AccessToken, narrowed: Narrowed) {
  const { scope, dpopThumbprint, expiresAt, grantId, accountId, role, clientId, workspace } = token;
  // Behind a family stands the person whose consent it is.
  const makerIds = grantId === null ? [...token.clientMakerIds] : [];
  const scopes = (scope ?? '').split(' ').filter((one) => one.includes(':'));
  return {
    principalId: grantId === null ? `client:${clientId}` : `grant:${grantId}`,
    actor: accountId === null ? `client:${clientId}` : `user:${accountId}`,
    scopes: role === null ? scopes : narrowed(scopes, ROLE_SCOPES[role]),
    tier: workspace.tier,
    limitPerMinute: 0,
    apiVersion: '',
    expiresUnixMs: expiresAt.getTime(),
    isPartner: false,
    apiKeyId: 0,
    isRotated: false,
    makerIds,
    dpopThumbprint: dpopThumbprint ?? '',
    workspace,
  };
}
