import type { IntegrationDetails, PartnerDetails, WorkspaceDetails, WorkspaceKey } from '@magistry/contracts';

/** What `--json` shows of each thing, in the public API's manner: snake_case, ISO 8601 times, null for none. */

export function workspaceRecord(workspace: WorkspaceDetails) {
  return {
    id: workspace.id,
    slug: workspace.slug,
    name: workspace.name,
    tier: workspace.tier,
    tier_changed_by: workspace.tierChangedBy || null,
    created_at: isoTime(workspace.createdUnixMs),
  };
}

export function keyRecord(key: WorkspaceKey) {
  return {
    id: key.id,
    name: key.name,
    key: `${key.prefix}_${key.keyId}_…`,
    scopes: key.scopes,
    tier: key.tier || null,
    effective_tier: key.effectiveTier,
    limit_per_minute: key.limitPerMinute || null,
    api_version: key.apiVersion || null,
    created_at: isoTime(key.createdUnixMs),
    expires_at: isoTime(key.expiresUnixMs),
    last_used_at: isoTime(key.lastUsedUnixMs),
  };
}

export function partnerRecord(partner: PartnerDetails) {
  return {
    slug: partner.slug,
    name: partner.name,
    contact_email: partner.contactEmail,
    status: partner.status,
    status_reason: partner.statusReason || null,
    status_changed_by: partner.statusChangedBy || null,
    status_changed_at: isoTime(partner.statusChangedUnixMs),
    installs: partner.installs,
  };
}

export function integrationRecord(integration: IntegrationDetails) {
  const { id, name, agent, status, suspensionReason } = integration;
  return { id, name, agent, status, suspension_reason: suspensionReason || null };
}

/** Null for 0, which is how messages say never. */
export function isoTime(unixMs: number): string | null {
  return unixMs === 0 ? null : `${new Date(unixMs).toISOString().slice(0, 19)}Z`;
}
