import { randomBytes } from 'node:crypto';
import { agents, decisions, identity, planner } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Caller, connectNats } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Credentials, SeedModulePlace } from './seeding.ts';
import { DEMO_WORKSPACE_SLUG as WORKSPACE_SLUG } from './services.ts';

const PARTNER_SLUG = 'research-tool';
const DEMO_LIMIT_PER_MINUTE = 100_000;

/** What a complete credentials.json names (design: api.md section 11, as far as its services exist). */
export const credentialNames = [
  ...['base_url', 'workspace', 'api_key', 'read_key', 'limited_key', 'partner_key'],
  ...['agent_key', 'github_webhook_secret', 'oauth_client', 'user'],
];

/**
 * Makes the demo workspace, its keys and its partner through the services' own operations. Safe to run again
 * after a crash half-way: what is there is found, and only secrets, which are shown once, are made anew.
 */
export async function seed(place: SeedModulePlace): Promise<Credentials> {
  const connection = await connectNats({ url: place.natsUrl, service: 'operator' });
  try {
    const caller = new Caller(connection);
    const workspace = await makeWorkspace(caller);
    await makePartner(caller, workspace.id);
    const credentials = {
      base_url: place.baseUrl,
      workspace: { id: workspace.id, slug: workspace.slug },
      api_key: await makeKey(caller, workspace.id, { name: 'demo', scopes: ['*'], tier: 'enterprise' }),
      read_key: await makeKey(caller, workspace.id, { name: 'demo read', scopes: ['read'] }),
      limited_key: await makeKey(caller, workspace.id, {
        name: 'demo limited',
        scopes: ['read', 'write'],
        tier: 'free',
        limitPerMinute: 0,
      }),
      partner_key: await makePartnerKey(caller),
      oauth_client: await makeOauthClient(caller, workspace.id),
      agent_key: await makeAgentKey(caller, workspace),
      github_webhook_secret: place.githubWebhookSecret,
      user: await makeUser(caller, workspace.id),
    };
    await openForBusiness(caller, workspace);
    return credentials;
  } finally {
    await connection.drain();
  }
}

const context = () => systemContext('seed', { deadlineMs: 10_000 });

interface DemoWorkspace {
  id: number;
  slug: string;
  tier: string;
}

async function makeWorkspace(caller: Caller): Promise<DemoWorkspace> {
  const wanted = { name: 'Linen House', slug: WORKSPACE_SLUG, tier: 'enterprise' };
  const { workspace } = await caller
    .call(identity.createWorkspace, wanted, context())
    .catch(unlessConflict(() => findWorkspace(caller)));
  if (!workspace) throw new Error('identity answered without a workspace');
  return workspace;
}

function findWorkspace(caller: Caller) {
  const wanted = { principalId: 'system:seed', selector: WORKSPACE_SLUG };
  return caller.call(identity.resolveWorkspace, wanted, context());
}

async function makePartner(caller: Caller, workspaceId: number): Promise<void> {
  const partner = {
    name: 'Research Tool',
    slug: PARTNER_SLUG,
    contactEmail: 'partners@research-tool.example',
    description: 'Proposes catalogue actions from market research.',
    scopes: ['decisions:read', 'decisions:write', 'planner:read', 'planner:write', 'escalations:read'],
    workspaceId,
  };
  await caller.call(identity.createPartner, partner, context()).catch(unlessConflict(async () => undefined));
  await caller.call(identity.installPartner, { slug: PARTNER_SLUG, workspaceId, scopes: [] }, context());
}

interface KeyWish {
  name: string;
  scopes: string[];
  tier?: string;
  limitPerMinute?: number;
}

async function makeKey(caller: Caller, workspaceId: number, wish: KeyWish): Promise<string> {
  const request = { workspaceId, limitPerMinute: DEMO_LIMIT_PER_MINUTE, apiVersion: '2026-05-01', ...wish };
  return (await caller.call(identity.createApiKey, request, context())).key;
}

async function makePartnerKey(caller: Caller): Promise<string> {
  const request = { slug: PARTNER_SLUG, limitPerMinute: DEMO_LIMIT_PER_MINUTE };
  return (await caller.call(identity.createPartnerKey, request, context())).key;
}

/** The owner, with a password that is made anew like every secret that is shown once. */
async function makeUser(caller: Caller, workspaceId: number): Promise<{ email: string; password: string }> {
  const user = { email: 'owner@linen-house.example', password: randomBytes(12).toString('base64url') };
  const request = { ...user, name: 'Linen House', workspaceId, role: 'owner' };
  await caller.call(identity.admitUser, request, context());
  return user;
}

/** On this machine, at any port of its own choice (RFC 8252 section 7.3). */
async function makeOauthClient(caller: Caller, workspaceId: number) {
  const redirectUri = 'http://127.0.0.1:8976/callback';
  const wanted = { name: 'Linen House demo', clientId: 'linen-house-demo', redirectUris: [redirectUri] };
  const request = { ...wanted, workspaceId, isPublic: true };
  const { clientId } = await caller.call(identity.createOauthClient, request, context());
  return { client_id: clientId, redirect_uri: redirectUri };
}

/** A key that speaks to the catalogue assistant. */
async function makeAgentKey(caller: Caller, workspace: DemoWorkspace): Promise<string> {
  const body = Buffer.from(JSON.stringify({ name: 'demo agent', agent: 'catalog-assistant' }));
  const inWorkspace = systemContext('seed', { deadlineMs: 10_000, workspace });
  const made = await caller.forward(agents.createIntegration, { params: {}, query: '', body }, inWorkspace);
  return JSON.parse(Buffer.from(made.body).toString()).data.key;
}

/** The demo's policy, then its kill switch released: two rows at the start of its ledger. */
async function openForBusiness(caller: Caller, workspace: DemoWorkspace): Promise<void> {
  const inWorkspace = () => systemContext('seed', { deadlineMs: 10_000, workspace });
  const send = (operation: Parameters<Caller['forward']>[0], body: unknown) =>
    caller.forward(
      operation,
      { params: {}, query: '', body: Buffer.from(JSON.stringify(body)) },
      inWorkspace(),
    );
  await send(planner.setPolicy, {
    velocity_per_minute: 6_000,
    price_budget_eur_per_day: 50_000,
    reason: 'demo',
  });
  await send(decisions.setKillSwitch, { engaged: false, reason: 'demo workspace' });
}

function unlessConflict<Result>(otherwise: () => Promise<Result>): (error: unknown) => Promise<Result> {
  return (error) => {
    if (error instanceof ProblemError && error.code === 'conflict') return otherwise();
    throw error;
  };
}
