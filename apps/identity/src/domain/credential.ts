import { partnerActor, principalId } from './principal.js';
import { effectiveTier, type Tier } from './tiers.js';
import type { LiveWorkspace } from './workspace.js';

/** A key as stored, with what it is good for right now. */
export interface Credential {
  readonly apiKeyId: number;
  /** The first key of its line: rotation changes the key and not the principal. */
  readonly principalKeyId: number;
  readonly isRotated: boolean;
  /** Principals that stand behind it. */
  readonly makerIds: readonly string[];
  /** It belongs to an integration, which binds it to one agent. */
  readonly isIntegration: boolean;
  readonly partner: { readonly slug: string; readonly status: string } | null;
  /** It acts in sandboxes and nowhere else; any other key acts in none but those of its own workspace. */
  readonly isTest: boolean;
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

/** Whether it opens anything at `now`; it expires at the very instant. A key dies with its workspace. */
export function isUsable(credential: Credential, now: Date): boolean {
  const { partner, workspace, expiresAt, revokedAt } = credential;
  const hasOwner = partner ? partner.status === 'approved' : workspace !== null;
  return hasOwner && revokedAt === null && (expiresAt === null || now < expiresAt);
}

/** What the gateway is told of a credential that it presented. */
export function resolved(credential: Credential) {
  const { apiKeyId, principalKeyId, partner, workspace, scopes, tier, apiVersion, expiresAt } = credential;
  const { isTest } = credential;
  const id = principalId(partner ? { partnerSlug: partner.slug, isTest } : { apiKeyId: principalKeyId });
  return {
    principalId: id,
    actor: actorOf(credential, id),
    scopes: [...scopes],
    tier: workspace ? effectiveTier(tier, workspace.tier) : (tier ?? ''),
    limitPerMinute: credential.limitPerMinute ?? 0,
    // Without a pin: the gateway takes the oldest version that lives.
    apiVersion: apiVersion ?? '',
    expiresUnixMs: expiresAt?.getTime() ?? 0,
    isPartner: partner !== null,
    apiKeyId,
    isRotated: credential.isRotated,
    makerIds: [...credential.makerIds],
    dpopThumbprint: '',
    ...(workspace && { workspace }),
  };
}

// What an integration's key does is told apart from what its workspace's own keys do.
function actorOf({ isIntegration, principalKeyId, partner }: Credential, id: string): string {
  if (isIntegration) return `integration:${principalKeyId}`;
  return partner ? partnerActor(partner.slug) : id;
}
