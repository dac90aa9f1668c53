/** The platform's scopes (design: api.md section 2): read, write and delete for each group. */
const GROUPS = [
  ...['decisions', 'planner', 'escalations', 'killswitch', 'audit', 'sql-credentials', 'jobs', 'products'],
  ...['campaigns', 'cs', 'disputes', 'research', 'partners', 'service-credentials', 'webhooks', 'events'],
  ...['workspaces', 'members', 'api-keys', 'entitlements', 'seo', 'mcp', 'agents', 'runs', 'messages'],
  ...['integrations', 'cost-limits'],
];
const ACTIONS = ['read', 'write', 'delete'];

/**
 * What a credential could lift its own limits with: no shorthand such as `write` gives these, only their own names,
 * their group's `*` or the `*` of everything.
 */
export const SCOPES_BY_NAME: readonly string[] = ['cost-limits:write', 'cost-limits:delete'];

/** What an application can be granted, without shorthands: `decisions:read`. */
export const PLATFORM_SCOPES: readonly string[] = GROUPS.flatMap((group) =>
  ACTIONS.map((action) => `${group}:${action}`),
);
