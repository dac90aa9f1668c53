import { type NatsUrlFor, natsUrlFor } from '../nats/connection-url.ts';
import { ensureDatabase } from '../postgres/database.ts';
import { installPostgres, ownerName, postgresProcess } from '../postgres/server.ts';
import { type Home, runsAsRoot } from './home.ts';
import { choosePort } from './ports.ts';
import { type Provision, provision, type Tool } from './provision.ts';
import { askPostgres, askServer } from './readiness.ts';
import { type Server, serverProcess, servers } from './servers.ts';
import type { RunStage } from './stages.ts';
import type { StateFile } from './state.ts';
import type { Supervisor } from './supervisor.ts';
import { waitUntilReady } from './wait-until.ts';

/** URLs of servers that run already and are to be used as they are. */
export interface ExternalServers {
  DATABASE_URL?: string | undefined;
  REDIS_URL?: string | undefined;
  NATS_URL?: string | undefined;
}

export interface Infrastructure {
  databaseAdminUrl: string;
  natsUrlFor: NatsUrlFor;
  redisUrl: string;
}

export interface InfrastructurePlace {
  home: Home;
  state: StateFile;
  supervisor: Supervisor;
  secret: (name: string) => string;
  external: ExternalServers;
  /** Whether the started NATS knows the user that may do everything. */
  withTestUser: boolean;
  stage: RunStage;
  report: (line: string) => void;
  signal: AbortSignal;
}

const readyTimeoutMs = 60_000;
const databaseName = 'magistry';

/** Starts Postgres, Redis and NATS, except those that are given, and waits until each answers. */
export async function startInfrastructure(place: InfrastructurePlace): Promise<Infrastructure> {
  const { external, stage, report, signal } = place;
  const wanted = servers.filter(({ urlVariable }) => !external[urlVariable]);
  const tools = wanted.map(({ tool }) => tool);
  const provisions = await stage('redis and nats found', () => provision(tools, report, signal));
  const databaseAdminUrl = await stage('postgres', () => startPostgres(place));
  const urls = new Map<Server['name'], string>();
  for (const server of servers) {
    urls.set(server.name, await stage(server.name, () => startServer(place, server, provisions)));
  }
  const natsUrl = urls.get('nats') ?? '';
  // The users of somebody else's server are unknown here: there every service connects as the URL says.
  const urlFor = external.NATS_URL ? () => natsUrl : natsUrlFor(natsUrl, place.secret);
  return { databaseAdminUrl, natsUrlFor: urlFor, redisUrl: urls.get('redis') ?? '' };
}

async function startPostgres(place: InfrastructurePlace): Promise<string> {
  const { home, state, supervisor, secret, external, report, signal } = place;
  const given = external.DATABASE_URL;
  if (given) return checkGivenDatabase(given);
  const password = secret('postgres owner');
  const installation = await installPostgres(home.postgres, password);
  if (runsAsRoot) report(`  as root: Postgres runs as user magistry, its data is in ${home.postgres}`);
  const port = await choosePort(state, 'postgres');
  const process = await supervisor.start(postgresProcess(installation, port));
  const maintenanceUrl = ownerUrl(port, password, 'postgres');
  const check = () => askPostgres(maintenanceUrl);
  await waitUntilReady({ what: 'Postgres', check, processes: [process], timeoutMs: readyTimeoutMs, signal });
  return ensureDatabase(maintenanceUrl, databaseName);
}

export function ownerUrl(port: number, password: string, database = databaseName): string {
  return `postgresql://${ownerName}:${password}@127.0.0.1:${port}/${database}`;
}

async function checkGivenDatabase(url: string): Promise<string> {
  const answer = await askPostgres(url);
  if (answer === undefined) return url;
  throw new Error(
    `DATABASE_URL does not answer: ${answer}. Mend it, or unset it to have a Postgres started.`,
  );
}

async function startServer(
  place: InfrastructurePlace,
  server: Server,
  provisions: Map<Tool, Provision>,
): Promise<string> {
  const { state, supervisor, external, signal } = place;
  const given = external[server.urlVariable];
  if (given) return given;
  const port = await choosePort(state, server.name);
  const found = provisions.get(server.tool) ?? { kind: 'docker' };
  const process = await supervisor.start(serverProcess(server, found, place, port));
  const check = () => askServer(server, port);
  await waitUntilReady({ what: server.name, check, processes: [process], timeoutMs: readyTimeoutMs, signal });
  return `${server.protocol}//127.0.0.1:${port}`;
}
