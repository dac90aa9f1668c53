import { shown } from './clock.js';
import type { Tier } from './tiers.js';

/** Members of a workspace that a list shows unless asked for others; a single one has its settings too. */
export const LISTED_FIELDS = ['id', 'name', 'slug', 'tier', 'created_at', 'updated_at'];

interface Workspace {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly tier: Tier;
  readonly settings: Record<string, unknown>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function renderWorkspace(workspace: Workspace) {
  const { id, name, slug, tier, settings, createdAt, updatedAt } = workspace;
  return { id, name, slug, tier, settings, created_at: shown(createdAt), updated_at: shown(updatedAt) };
}
