/** The platform's scopes (design: api.md section 2): read, write and delete for each group. */
const GROUPS = [
  ...['decisions', 'planner', 'escalations', 'killswitch', 'audit', 'sql-credentials', 'jobs', 'products'],
  ...['campaigns', 'cs', 'disputes', 'research', 'partners', 'service-credentials', 'webhooks', 'events'],
  ...['workspaces', 'members', 'api-keys', 'entitlements', 'seo', 'mcp', 'agents', 'runs', 'messages'],
  ...['integrations', 'cost-limits'],
];
const ACTIONS = ['read', 'write', 'delete'];

/** What an application can be granted, without shorthands: `decisions:read`. */
export const PLATFORM_SCOPES: readonly string[] = GROUPS.flatMap((group) =>
  ACTIONS.map((action) => `${group}:${action}`),
);
