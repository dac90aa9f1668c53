import { randomUUID } from 'node:crypto';
import { mintApiKey } from '@magistry/access';
import {
  agents,
  decisions,
  getReadiness,
  identity,
  type Operation,
  planner,
  SERVICES,
} from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import {
  type Answer,
  type CallRequest,
  type Handler,
  jsonAnswer,
  type NatsConnection,
  type PublicRequest,
  type ResultOf,
  type Served,
  serve,
} from '@magistry/messaging';
import { createLogger, type Logger } from '@magistry/telemetry';
import { connectTestNats, endedInAnyCase, required } from '@magistry/testing';
import type { Config } from '../src/config.js';
import { type Gateway, type Surroundings, startGateway } from '../src/gateway.js';

export const LINEN_HOUSE = { id: 7, slug: 'linen-house', tier: 'enterprise' };
const OAK_MILL = { id: 8, slug: 'oak-mill', tier: 'pro' };
const ELM_SHOP = { id: 9, slug: 'elm-shop', tier: 'free' };
/** What the full key has made. */
const MAKES = [{ workspace: ELM_SHOP, scopes: ['*'] }];
const INSTALLS = [
  { workspace: LINEN_HOUSE, scopes: ['planner:write', 'decisions:read'] },
  { workspace: OAK_MILL, scopes: ['decisions:read'] },
];

const key = () => mintApiKey('sk_live').credential;

/** Keys that the doubled identity knows, and one that it does not. */
export const KEYS = {
  full: key(),
  pinned: key(),
  readOnly: key(),
  expired: key(),
  revoked: key(),
  partner: mintApiKey('mag_live_partner').credential,
  newPartner: mintApiKey('mag_test_partner').credential,
};

interface Account {
  readonly principalId: string;
  readonly scopes: string[];
  readonly workspace?: typeof LINEN_HOUSE;
  readonly isPartner?: boolean;
  readonly expiresUnixMs?: number;
  readonly isRotated?: boolean;
  readonly apiVersion?: string;
  readonly tier?: string;
  readonly limitPerMinute?: number;
  readonly dpopThumbprint?: string;
  readonly makerIds?: string[];
}

const ACCOUNTS = new Map<string, Account>([
  [KEYS.full, { principalId: 'key:1', scopes: ['*'], workspace: LINEN_HOUSE }],
  [KEYS.pinned, { principalId: 'key:4', scopes: ['*'], workspace: LINEN_HOUSE, apiVersion: '2026-11-01' }],
  [KEYS.readOnly, { principalId: 'key:2', scopes: ['read'], workspace: LINEN_HOUSE }],
  [KEYS.expired, { principalId: 'key:3', scopes: ['*'], workspace: LINEN_HOUSE, expiresUnixMs: 1_000 }],
  [KEYS.partner, { principalId: 'partner:research-tool', scopes: [], isPartner: true }],
  [KEYS.newPartner, { principalId: 'partner:new', scopes: [], isPartner: true, workspace: LINEN_HOUSE }],
]);

let opened = 0;

/** The key of a principal that no other test knows, so that its buckets and claims are fresh. */
export function openAccount(overrides: Partial<Account> = {}): string {
  opened += 1;
  const credential = key();
  const principalId = `key:${randomUUID()}-${opened}`;
  ACCOUNTS.set(credential, { principalId, scopes: ['*'], workspace: LINEN_HOUSE, ...overrides });
  return credential;
}

export type Received = PublicRequest<typeof planner.propose>;
export type Listing = PublicRequest<typeof decisions.listDecisions>;

/** The services behind the gateway, doubled on the real NATS; each answer can be replaced by a test. */
export class DoubledServices {
  readonly lookups: string[] = [];
  /** Every propose that came through, as the planner sees it. */
  readonly proposals: Received[] = [];
  onPropose: (request: Received) => Promise<unknown> = async () => jsonAnswer({ decision_id: 1 });
  onList: (request: Listing) => Promise<Answer> = async ({ query, context }) =>
    jsonAnswer({ query, workspace: context.workspace?.slug });
  /** Answers by kid, as identity publishes them; unknown otherwise. */
  readonly serviceKeys = new Map<string, ResultOf<typeof identity.resolveServiceKey>>();
  /** Every kid that was asked for. */
  readonly askedKids: string[] = [];
  onResolve: (credential: string) => Promise<unknown> = async (credential) => resolve(credential);
  /** Where the doubled identity takes OAuth. */
  httpUrl = 'http://127.0.0.1:1';
  readonly readiness: Record<string, Record<string, string>> = {};
  private readonly served = new Map<string, Served>();

  private constructor(private readonly connection: NatsConnection) {}

  static async start(): Promise<DoubledServices> {
    const connection = await connectTestNats('doubles');
    const doubles = new DoubledServices(connection);
    doubles.serveAll();
    await connection.flush();
    return doubles;
  }

  /** As when every process of the service is gone. */
  async remove(operation: Operation): Promise<void> {
    await this.served.get(operation.name)?.drain();
    this.served.delete(operation.name);
    await this.connection.flush();
  }

  async restore(): Promise<void> {
    await this.close();
    this.serveAll();
    await this.connection.flush();
  }

  async stop(): Promise<void> {
    await this.close();
    await this.connection.drain();
  }

  private async close(): Promise<void> {
    await Promise.all([...this.served.values()].map((served) => served.drain()));
    this.served.clear();
  }

  private serveAll(): void {
    this.serve(
      identity.resolveCredential,
      async ({ message }: CallRequest<typeof identity.resolveCredential>) => {
        this.lookups.push(message.credential);
        return this.onResolve(message.credential);
      },
    );
    this.serve(
      identity.resolveServiceKey,
      async ({ message }: CallRequest<typeof identity.resolveServiceKey>) => {
        this.askedKids.push(message.kid);
        const key = this.serviceKeys.get(message.kid);
        if (!key) throw new ProblemError('unauthorized', 'unknown key');
        return key;
      },
    );
    this.serve(
      identity.resolveWorkspace,
      async ({ message }: CallRequest<typeof identity.resolveWorkspace>) =>
        admit(message.principalId, message.selector),
    );
    this.serve(identity.getHttpAddress, async () => ({ url: this.httpUrl }));
    this.serve(planner.propose, async (request: Received) => {
      this.proposals.push(request);
      return this.onPropose(request);
    });
    this.serve(decisions.getDecision, async ({ params }: PublicRequest<typeof decisions.getDecision>) =>
      jsonAnswer(params),
    );
    this.serve(decisions.listDecisions, async (request: Listing) => this.onList(request));
    // Says who asks, and where.
    this.serve(agents.listAgents, async ({ context }: PublicRequest<typeof agents.listAgents>) =>
      jsonAnswer([{ slug: context.workspace?.slug, title: context.principal?.id, description: '' }]),
    );
    this.serve(decisions.setKillSwitch, async () => jsonAnswer({ engaged: true }));
    for (const service of SERVICES) {
      this.serve(getReadiness(service), async () => ({ failures: this.readiness[service] ?? {} }));
    }
  }

  private serve(operation: Operation, handler: Handler): void {
    const target = { subject: operation.name, queue: 'doubles', operation };
    this.served.set(
      operation.name,
      serve(this.connection, target, handler, () => {}),
    );
  }
}

function resolve(credential: string) {
  const account = ACCOUNTS.get(credential);
  if (!account) throw new ProblemError('unauthorized', 'unknown key');
  return { actor: account.principalId, ...account };
}

function admit(principalId: string, selector: string) {
  const install = (principalId === 'key:1' ? MAKES : INSTALLS).find(
    ({ workspace }) => selector === workspace.slug || selector === String(workspace.id),
  );
  if (!install) throw new ProblemError('not_found', 'not installed');
  return install;
}

export async function startTestGateway(
  overrides: Partial<Config> = {},
  logger?: Logger,
  surroundings?: Surroundings,
): Promise<Gateway> {
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    natsUrl: required('MAGISTRY_TEST_NATS_URL'),
    redisCacheUrl: required('MAGISTRY_TEST_REDIS_URL'),
    replaySecret: 'a secret that is long enough for a test',
    unauthenticatedPerMinute: 6_000,
    concurrentRequestsMax: 2_000,
    baseUrl: 'https://magistry.test',
    tokenAudience: 'api.magistry.test',
    requestBytesMax: 10 * 1024 * 1024,
    magsagKey: undefined,
    runsPerSecond: undefined,
    runsPrefix: '/api/v1',
    drainDelayMs: 0,
    logLevel: 'silent',
    ...overrides,
  };
  const gateway = await startGateway(
    config,
    logger ?? createLogger('gateway', config.logLevel),
    surroundings,
  );
  return { ...gateway, stop: endedInAnyCase(() => gateway.stop()) };
}

export const PROPOSAL = { action: 'PRICE_CHANGE', sku: 'LH-1', delta_eur: -6, evidence_tier: 'A' };

export function bearer(credential: string): Record<string, string> {
  return { authorization: `Bearer ${credential}` };
}

/** Headers of a well-formed write under a fresh idempotency key. */
export function writeHeaders(credential: string): Record<string, string> {
  return {
    ...bearer(credential),
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
  };
}
