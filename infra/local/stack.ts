import { setAsideAbandonedData } from '../postgres/abandoned-data.ts';
import { migrate } from '../postgres/migrate.ts';
import { writePrivateJson } from './atomic-file.ts';
import { type Home, openHome, openSecrets } from './home.ts';
import { lockHome } from './home-lock.ts';
import { type ExternalServers, type Infrastructure, startInfrastructure } from './infrastructure.ts';
import { endOrphans } from './orphans.ts';
import { type ReservedPort, reserveGatewayPort } from './ports.ts';
import { askGateway } from './readiness.ts';
import { type Credentials, seedOnce } from './seeding.ts';
import { type ServiceSurroundings, schemaMigrations, serviceProcess, services } from './services.ts';
import { type RunStage, silentStage } from './stages.ts';
import { StateFile } from './state.ts';
import type { RestartPolicy } from './supervised-process.ts';
import { Supervisor } from './supervisor.ts';
import { waitUntilReady } from './wait-until.ts';

export interface StackOptions {
  home: string;
  /** False starts the servers only: Postgres, Redis and NATS. */
  services: boolean;
  gatewayPort?: number | 'next' | 'any';
  external?: ExternalServers;
  restartPolicy?: Partial<RestartPolicy>;
  stage?: RunStage;
  report?: (line: string) => void;
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

  constructor(options: StackOptions) {
    this.#options = options;
    this.#stage = options.stage ?? silentStage;
    this.#report = options.report ?? (() => undefined);
    this.home = openHome(options.home);
  }

  get databaseAdminUrl(): string {
    return this.#started(this.#infrastructure).databaseAdminUrl;
  }

  get natsUrl(): string {
    return this.#started(this.#infrastructure).natsUrl;
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
    const policy = { ...defaultPolicy, ...this.#options.restartPolicy };
    const supervisor = new Supervisor(this.home, state, policy, this.#report);
    this.#supervisor = supervisor;
    await this.#endOrphans(state);
    const secret = openSecrets(this.home.secrets);
    const shared = { home: this.home, state, supervisor, secret, signal: this.#abort.signal };
    if (this.#options.services) await this.#reserveGateway(state);
    const external = this.#options.external ?? {};
    const looks = { stage: this.#stage, report: this.#report };
    this.#infrastructure = await startInfrastructure({ ...shared, external, ...looks });
    writePrivateJson(this.home.operator, { nats_url: this.#infrastructure.natsUrl });
    if (!this.#options.services) return;
    await this.#startServices(supervisor, this.#infrastructure, secret);
    await this.#seed(state, this.#infrastructure);
  }

  /** One more process of a service, beside the first; returns its name. */
  async startExtra(serviceName: string): Promise<string> {
    const service = services.find(({ name }) => name === serviceName);
    if (service === undefined) throw new Error(`there is no service ${serviceName}.`);
    const name = `${serviceName}-2`;
    const settings = serviceProcess(service, this.#started(this.#surroundings), name);
    await this.#started(this.#supervisor).start(settings);
    return name;
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
    { databaseAdminUrl, natsUrl, redisUrl }: Infrastructure,
    secret: (name: string) => string,
  ): Promise<void> {
    await this.#stage('migrate', () => migrate(databaseAdminUrl, schemaMigrations(secret)));
    const gateway = { gatewayPort: this.#started(this.#gatewayPort).port, gatewayUrl: this.gatewayUrl };
    const surroundings = { natsUrl, redisUrl, databaseUrl: databaseAdminUrl, ...gateway, secret };
    this.#surroundings = surroundings;
    await this.#stage('services', async () => {
      await this.#gatewayPort?.release();
      const started = services.map((service) => supervisor.start(serviceProcess(service, surroundings)));
      const check = () => askGateway(this.gatewayUrl);
      const processes = await Promise.all(started);
      const { signal } = this.#abort;
      await waitUntilReady({ what: 'Magistry', check, processes, timeoutMs: readyTimeoutMs, signal });
    });
  }

  async #seed(state: StateFile, { databaseAdminUrl, natsUrl }: Infrastructure): Promise<void> {
    const place = {
      home: this.home,
      state,
      databaseUrl: databaseAdminUrl,
      natsUrl,
      baseUrl: this.gatewayUrl,
    };
    this.#credentials = await this.#stage('seed', () => seedOnce(place));
  }

  #started<T>(part: T | undefined): T {
    if (part === undefined) throw new Error(`${this.home.folder} is not started this far.`);
    return part;
  }
}
