import { API_VERSIONS } from '@magistry/contracts';
import { principalId } from './principal.js';
import type { Tier } from './tiers.js';
import type { LiveWorkspace } from './workspace.js';

/** A key as stored, with what it is good for right now. */
export interface Credential {
  readonly apiKeyId: number;
  readonly partner: { readonly slug: string; readonly status: string } | null;
  /** The key's own workspace, or the only one that its partner is installed in. */
  readonly workspace: LiveWorkspace | null;
  /** What it may do in `workspace`; without one, what its partner asks of a workspace. */
  readonly scopes: readonly string[];
  readonly tier: Tier | null;
  /** Requests a minute that an operator gave it instead of its tier's. */
  readonly limitPerMinute: number | null;
  readonly apiVersion: string | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

// Credentials without a pin stay on the oldest published version until it ends.
const [UNPINNED_API_VERSION] = API_VERSIONS;

/** Whether it opens anything at `now`; it expires at the very instant. A key dies with its workspace. */
export function isUsable(credential: Credential, now: Date): boolean {
  const { partner, workspace, expiresAt, revokedAt } = credential;
  const hasOwner = partner ? partner.status === 'approved' : workspace !== null;
  return hasOwner && revokedAt === null && (expiresAt === null || now < expiresAt);
}

/** What the gateway is told of a credential that it presented. */
export function resolved(credential: Credential) {
  const { apiKeyId, partner, workspace, scopes, tier, limitPerMinute, apiVersion, expiresAt } = credential;
  const id = principalId(partner ? { partnerSlug: partner.slug } : { apiKeyId });
  return {
    principalId: id,
    actor: id,
    scopes: [...scopes],
    tier: tier ?? workspace?.tier ?? '',
    limitPerMinute: limitPerMinute ?? 0,
    apiVersion: apiVersion ?? UNPINNED_API_VERSION,
    expiresUnixMs: expiresAt?.getTime() ?? 0,
    isPartner: partner !== null,
    ...(workspace && { workspace }),
  };
}
