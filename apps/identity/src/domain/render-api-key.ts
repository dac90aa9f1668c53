import { type ItemQuery, pickFields } from '@magistry/lists';
import { shown, shownOrNull } from './clock.js';
import type { Tier } from './tiers.js';

interface ApiKey {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly tier: Tier | null;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly workspace: {
    readonly id: number;
    readonly name: string;
    readonly slug: string;
    readonly tier: Tier;
  };
}

/** A key as lists and GET show it: never its secret. `fields` chooses members, `include` adds the workspace. */
export function renderApiKey(key: ApiKey, query: ItemQuery) {
  const row = {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    rate_limit_tier: key.tier ?? key.workspace.tier,
    last_used_at: shownOrNull(key.lastUsedAt),
    expires_at: shownOrNull(key.expiresAt),
    created_at: shown(key.createdAt),
  };
  const { id, name, slug, tier } = key.workspace;
  return {
    ...pickFields(row, query.fields),
    ...(query.include?.includes('workspace') && { workspace: { id, name, slug, tier } }),
  };
}
