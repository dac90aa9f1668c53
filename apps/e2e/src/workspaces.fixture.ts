import { randomBytes } from 'node:crypto';
import { decisions, identity, type Role, type Tier } from '@magistry/contracts';
import { Caller, connectNats, type NatsConnection } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { GatewayClient } from './gateway.fixture.js';
import { type RunningSystem, untilReady } from './system.fixture.js';

const LIMIT_PER_MINUTE = 100_000;

export interface TestWorkspace {
  readonly id: number;
  readonly slug: string;
  /** Of the workspace, with every scope. */
  readonly key: string;
  /** With that key. */
  readonly client: GatewayClient;
}

export interface TestPartner {
  readonly slug: string;
  readonly key: string;
}

export interface TestPerson {
  readonly email: string;
  readonly name: string;
  readonly password: string;
}

export interface KeyWish {
  readonly apiVersion?: string;
  readonly expiresUnixMs?: number;
  readonly tier?: Tier;
  /** 0 for what the tier allows. */
  readonly limitPerMinute?: number;
  /** The key that it is made by; else the platform makes it. */
  readonly makerId?: number;
}

/** Makes workspaces that no other suite knows, as the platform makes them: by asking identity. */
export class Workspaces {
  private constructor(
    private readonly system: RunningSystem,
    private readonly nats: NatsConnection,
    private readonly caller: Caller,
  ) {}

  /** Waits until the system is ready: another suite may just have killed parts of it. */
  static async open(system: RunningSystem): Promise<Workspaces> {
    await untilReady(system);
    const nats = await connectNats({ url: system.natsUrl, service: 'operator' });
    return new Workspaces(system, nats, new Caller(nats));
  }

  async close(): Promise<void> {
    await this.nats.drain();
  }

  /** As every new one: its kill switch is engaged, its policy the default. */
  async create(tier: Tier = 'enterprise'): Promise<TestWorkspace> {
    const slug = `journey-${randomBytes(6).toString('hex')}`;
    const wanted = { name: slug, slug, tier };
    const { workspace } = await this.caller.call(identity.createWorkspace, wanted, context());
    if (!workspace) throw new Error('identity answered without a workspace');
    const key = await this.createKey(workspace.id, ['*']);
    return { id: workspace.id, slug, key, client: new GatewayClient(this.system.gatewayUrl, key) };
  }

  /** Ready for any number of proposals: switch released, velocity unlimited. */
  async createOpen(): Promise<TestWorkspace> {
    const workspace = await this.create();
    await workspace.client.write('PUT', '/v1/planner/policy', { velocity_per_minute: 0 });
    await workspace.client.setKillSwitch(false);
    return workspace;
  }

  /** One open workspace on each shard of the ledger. */
  async createOnEachShard(): Promise<TestWorkspace[]> {
    const byShard = new Map<number, TestWorkspace>();
    while (byShard.size < decisions.LEDGER_SHARDS) {
      const workspace = await this.createOpen();
      byShard.set(decisions.shardOf(workspace.id), workspace);
    }
    return [...byShard.values()];
  }

  /** At the newest version, without an end and with a limit that no test reaches, unless `wish` says otherwise. */
  async createKey(workspaceId: number, scopes: string[], wish: KeyWish = {}): Promise<string> {
    return (await this.createNamedKey(workspaceId, scopes, wish)).key;
  }

  /** The same, with the id that names its principal. */
  async createNamedKey(workspaceId: number, scopes: string[], { makerId, ...wish }: KeyWish = {}) {
    const request = { workspaceId, name: 'journey', scopes, limitPerMinute: LIMIT_PER_MINUTE, ...wish };
    const asking = context();
    if (makerId !== undefined && asking.principal) asking.principal.makerIds = [`key:${makerId}`];
    const { id, key } = await this.caller.call(identity.createApiKey, request, asking);
    return { id, key };
  }

  async admitViewer(workspaceId: number): Promise<void> {
    const email = `${randomBytes(6).toString('hex')}@journey.example`;
    const viewer = { email, name: 'Journey', password: randomBytes(12).toString('hex') };
    await this.admit(workspaceId, viewer, 'viewer');
  }

  async admit(workspaceId: number, person: TestPerson, role: Role): Promise<void> {
    await this.caller.call(identity.admitUser, { ...person, workspaceId, role }, context());
  }

  /** A partner with every scope that the workspace admits with `scopes` alone. */
  async createPartner(workspaceId: number, scopes: string[]): Promise<TestPartner> {
    const slug = `partner-${randomBytes(6).toString('hex')}`;
    const partner = {
      name: slug,
      slug,
      contactEmail: 'partners@journey.example',
      description: 'Made by a journey.',
      scopes: ['*'],
      workspaceId,
    };
    await this.caller.call(identity.createPartner, partner, context());
    await this.caller.call(identity.installPartner, { slug, workspaceId, scopes }, context());
    return { slug, key: await this.createPartnerKey(slug) };
  }

  /** With a limit that no test reaches. */
  async createPartnerKey(slug: string): Promise<string> {
    const wanted = { slug, limitPerMinute: LIMIT_PER_MINUTE };
    return (await this.caller.call(identity.createPartnerKey, wanted, context())).key;
  }
}

const context = () => systemContext('journeys', { deadlineMs: 10_000 });
