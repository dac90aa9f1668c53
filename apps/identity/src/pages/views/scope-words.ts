import { PLATFORM_SCOPES } from '@magistry/contracts';

/** What lies behind each group of scopes, as a person would call it. */
const THINGS: Readonly<Record<string, string>> = {
  decisions: 'decisions in the ledger',
  planner: 'proposals and the policy that judges them',
  escalations: 'decisions that wait for a person',
  killswitch: 'the kill switch',
  audit: 'the audit log',
  'sql-credentials': 'database logins for analysis',
  jobs: 'jobs and exports',
  products: 'products',
  campaigns: 'advertising campaigns and their budgets',
  cs: 'conversations with customers',
  disputes: 'payment disputes',
  research: 'research candidates',
  partners: 'partners and what they may do here',
  'service-credentials': 'credentials of services',
  webhooks: 'webhooks',
  events: 'events',
  workspaces: 'the workspace and its settings',
  members: 'members and invitations',
  'api-keys': 'API keys',
  entitlements: 'the plan and its usage',
  seo: 'search engine settings',
  mcp: 'tool servers',
  agents: 'agents',
  runs: 'runs of agents',
  messages: 'messages to agents',
  integrations: 'keys of agents',
  'cost-limits': 'what agents may cost',
};

/** Where writing is more than making and changing. */
const WRITES: Readonly<Record<string, string>> = {
  decisions: 'Reverse decisions in the ledger',
  planner: 'Propose decisions, and change the policy that judges them',
  escalations: 'Approve or reject decisions that wait for a person',
  killswitch: 'Engage and release the kill switch',
  jobs: 'Start and cancel jobs and exports',
  runs: 'Run agents',
  messages: 'Send messages to agents',
  events: 'Publish events',
  partners: 'Install partners and take them out',
  members: 'Invite, change and remove members',
};

const OPENID: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Go on while you are away, until you withdraw it',
};

const EVERYTHING: Readonly<Record<string, string>> = {
  '*': 'Do everything in the workspace',
  read: 'See everything in the workspace',
  write: 'Make and change everything in the workspace, but for what agents may cost',
  delete: 'Delete anything in the workspace',
};

/** A scope as a person would say it. One that is no scope of the platform is shown as it is. */
export function scopeInWords(scope: string): string {
  const whole = OPENID[scope] ?? EVERYTHING[scope];
  if (whole) return whole;
  const [group = '', action = ''] = scope.split(':');
  const things = THINGS[group];
  if (!things) return scope;
  if (action === 'read') return `See ${things}`;
  if (action === 'write') return WRITES[group] ?? `Make and change ${things}`;
  if (action === 'delete') return `Delete ${things}`;
  return action === '*' ? `Do everything with ${things}` : scope;
}

/** In the order of the platform's list, so that the same things stand together. */
export function scopesInWords(scopes: readonly string[]): string[] {
  const place = (scope: string) => PLATFORM_SCOPES.indexOf(scope);
  return [...new Set(scopes)].sort((one, other) => place(one) - place(other)).map(scopeInWords);
}
