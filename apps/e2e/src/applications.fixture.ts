import { randomBytes } from 'node:crypto';
import { identity } from '@magistry/contracts';
import { Caller, connectNats, type NatsConnection } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { Person } from './person.fixture.js';
import { type RunningSystem, untilReady } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

export const REDIRECT_URI = 'http://127.0.0.1:8976/callback';
const PASSWORD = 'a password that nobody guesses';

export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Applications and people of workspaces that no other suite knows. */
export class Applications {
  private constructor(
    readonly workspace: TestWorkspace,
    private readonly system: RunningSystem,
    private readonly nats: NatsConnection,
    private readonly workspaces: Workspaces,
  ) {}

  static async open(system: RunningSystem): Promise<Applications> {
    await untilReady(system);
    const workspaces = await Workspaces.open(system);
    const nats = await connectNats({ url: system.natsUrl, service: 'operator' });
    return new Applications(await workspaces.create(), system, nats, workspaces);
  }

  async close(): Promise<void> {
    await this.nats.drain();
    await this.workspaces.close();
  }

  async register(isPublic: boolean): Promise<Application> {
    const wanted = { name: 'Journey', redirectUris: [REDIRECT_URI], isPublic };
    return new Caller(this.nats).call(
      identity.createOauthClient,
      { ...wanted, workspaceId: this.workspace.id },
      context(),
    );
  }

  /** An owner of the workspace, who is not logged in yet. */
  async person(): Promise<Person> {
    const email = `person-${randomBytes(6).toString('hex')}@shop.example`;
    const login = { email, password: PASSWORD };
    const wanted = { ...login, name: 'Ada Weaver', workspaceId: this.workspace.id, role: 'owner' };
    await new Caller(this.nats).call(identity.admitUser, wanted, context());
    return new Person(this.system.gatewayUrl, login);
  }
}

function context() {
  return systemContext('journey', { deadlineMs: 10_000 });
}
