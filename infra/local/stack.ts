import { OPERATOR, TEST_USER } from '../nats/users.ts';
import { setAsideAbandonedData } from '../postgres/abandoned-data.ts';
import { migrate } from '../postgres/migrate.ts';
import { writePrivateJson } from './atomic-file.ts';
import { type Home, openHome, openSecrets } from './home.ts';
import { lockHome } from './home-lock.ts';
import { type ExternalServers, type Infrastructure, startInfrastructure } from './infrastructure.ts';
import { operatorsUrls, withOperatorsPort } from './operators-ports.ts';
import { endOrphans } from './orphans.ts';
import { type ReservedPort, reserveGatewayPort } from './ports.ts';
import { askGateway } from './readiness.ts';
import { type Credentials, seedOnce } from './seeding.ts';
import {
  githubWebhookSecret,
  type ServiceSurroundings,
  schemaMigrations,
  serviceProcess,
  serviceProcesses,
  services,
} from './services.ts';
import { type RunStage, silentStage } from './stages.ts';
import { StateFile } from './state.ts';
import type { RestartPolicy, SupervisedProcess } from './supervised-process.ts';
import { Supervisor } from './supervisor.ts';
import { waitUntilReady } from './wait-until.ts';

export interface StackOptions {
  home: string;
  /** False starts the servers only: Postgres, Redis and NATS. */
  services: boolean;
  gatewayPort?: number | 'next' | 'any';
  external?: ExternalServers;
  /** For tests and benches: their own connections to NATS may do everything. */
  withTestUser?: boolean;
  restartPolicy?: Partial<RestartPolicy>;
  stage?: RunStage;
  report?: (line: string) => void;
}

export interface ExtraProcess {
  service: string;
  /** Of the process, apart from every other one's. */
  name: string;
  /** The file of the app's `dist` that starts it, without `.js`; `main` unless told. */
  entry?: string;
  surroundings?: Partial<ServiceSurroundings>;
}

const defaultPolicy: RestartPolicy = { firstDelayMs: 200, longestDelayMs: 5_000, healthyAfterMs: 30_000 };
const readyTimeoutMs = 60_000;

/** One whole running system in one home: what `npm start`, the tests and the benches start. */
export class Stack {
  readonly home: Home;
  readonly #options: StackOptions;
  readonly #stage: RunStage;
  readonly #report: (line: string) => void;
  readonly #abort = new AbortController();
  #releaseLock: (() => void) | undefined;
  #gatewayPort: ReservedPort | undefined;
  #supervisor: Supervisor | undefined;
  #infrastructure: Infrastructure | undefined;
  #surroundings: ServiceSurroundings | undefined;
  #gatewayUrl: string | undefined;
  #credentials: Credentials | undefined;
  #state: StateFile | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#stage = options.stage ?? silentStage;
    this.#report = options.report ?? (() => undefined);
    this.home = openHome(options.home);
  }

  get databaseAdminUrl(): string {
    return this.#started(this.#infrastructure).databaseAdminUrl;
  }

  /** For the operator, or with `withTestUser` for a user that may do everything. */
  get natsUrl(): string {
    const user = this.#options.withTestUser ? TEST_USER : OPERATOR;
    return this.#started(this.#infrastructure).natsUrlFor(user);
  }

  get redisUrl(): string {
    return this.#started(this.#infrastructure).redisUrl;
  }

  get gatewayUrl(): string {
    return this.#started(this.#gatewayUrl);
  }

  get credentials(): Credentials {
    return this.#started(this.#credentials);
  }

  /** Where each service process shows operators how it is, by the process's name. */
  get operatorsUrls(): Record<string, string> {
    return operatorsUrls(this.#started(this.#state).current);
  }

  get processes(): Pick<Supervisor, 'pid' | 'kill' | 'end'> {
    return this.#started(this.#supervisor);
  }

  /** Refuses when another starter has this home; `start` does it too, where nobody did before. */
  claim(): void {
    this.#releaseLock ??= lockHome(this.home);
  }

  async start(): Promise<void> {
    this.claim();
    const aside = await setAsideAbandonedData(this.home);
    if (aside) this.#report(`! this home is new: the database of the one before it is now in ${aside}`);
    const state = new StateFile(this.home.state);
    this.#state = state;
    const policy = { ...defaultPolicy, ...this.#options.restartPolicy };
    const supervisor = new Supervisor(this.home, state, policy, this.#report);
    this.#supervisor = supervisor;
    await this.#endOrphans(state);
    const secret = openSecrets(this.home.secrets);
    const shared = { home: this.home, state, supervisor, secret, signal: this.#abort.signal };
    if (this.#options.services) await this.#reserveGateway(state);
    const external = this.#options.external ?? {};
    const withTestUser = this.#options.withTestUser ?? false;
    const looks = { stage: this.#stage, report: this.#report };
    this.#infrastructure = await startInfrastructure({ ...shared, external, withTestUser, ...looks });
    writePrivateJson(this.home.operator, { nats_url: this.#infrastructure.natsUrlFor(OPERATOR) });
    if (!this.#options.services) return;
    await this.#startServices(supervisor, state, this.#infrastructure, secret);
    await this.#seed(state, this.#infrastructure, secret);
  }

  /** One more process of a service, beside the first. A gateway needs a port of its own. */
  async startExtra(extra: ExtraProcess): Promise<SupervisedProcess> {
    const service = services.find(({ name }) => name === extra.service);
    if (service === undefined) throw new Error(`there is no service ${extra.service}.`);
    const surroundings = { ...this.#started(this.#surroundings), ...extra.surroundings };
    const settings = serviceProcess(service, surroundings, extra.name, extra.entry);
    return this.#started(this.#supervisor).start(withOperatorsPort(settings, this.#started(this.#state)));
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('stopped while it was starting'));
    await this.#gatewayPort?.release();
    await this.#supervisor?.stop();
    this.#releaseLock?.();
  }

  /** Ends everything at once, without letting it finish. */
  force(): void {
    this.#supervisor?.force();
  }

  async #endOrphans(state: StateFile): Promise<void> {
    const ended = await endOrphans(state);
    if (ended.length > 0) this.#report(`! ended what a killed start had left running: ${ended.join(', ')}`);
  }

  async #reserveGateway(state: StateFile): Promise<void> {
    this.#gatewayPort = await reserveGatewayPort(this.#options.gatewayPort ?? 'any');
    this.#gatewayUrl = `http://127.0.0.1:${this.#gatewayPort.port}`;
    state.remember({ gatewayUrl: this.#gatewayUrl });
  }

  async #startServices(
    supervisor: Supervisor,
    state: StateFile,
    { databaseAdminUrl, natsUrlFor, redisUrl }: Infrastructure,
    secret: (name: string) => string,
  ): Promise<void> {
    await this.#stage('migrate', () => migrate(databaseAdminUrl, schemaMigrations(secret)));
    const gateway = { gatewayPort: this.#started(this.#gatewayPort).port, gatewayUrl: this.gatewayUrl };
    const surroundings = { natsUrlFor, redisUrl, databaseUrl: databaseAdminUrl, ...gateway, secret };
    this.#surroundings = surroundings;
    await this.#stage('services', async () => {
      await this.#gatewayPort?.release();
      const started = services
        .flatMap((service) => serviceProcesses(service, surroundings))
        .map((settings) => supervisor.start(withOperatorsPort(settings, state)));
      const check = () => askGateway(this.gatewayUrl);
      const processes = await Promise.all(started);
      const { signal } = this.#abort;
      await waitUntilReady({ what: 'Magistry', check, processes, timeoutMs: readyTimeoutMs, signal });
    });
  }

  async #seed(
    state: StateFile,
    { databaseAdminUrl, natsUrlFor }: Infrastructure,
    secret: (name: string) => string,
  ): Promise<void> {
    const place = {
      home: this.home,
      state,
      databaseUrl: databaseAdminUrl,
      natsUrl: natsUrlFor(OPERATOR),
      baseUrl: this.gatewayUrl,
      githubWebhookSecret: githubWebhookSecret(secret),
    };
    this.#credentials = await this.#stage('seed', () => seedOnce(place));
  }

  #started<T>(part: T | undefined): T {
    if (part === undefined) throw new Error(`${this.home.folder} is not started this far.`);
    return part;
  }
}
