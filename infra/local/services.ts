import type { NatsUrlFor } from '../nats/connection-url.ts';
import type { SchemaMigration } from '../postgres/migrate.ts';
import { readMigrations } from '../postgres/migration-files.ts';
import { databasePasswordVariable, roleOf } from '../postgres/roles.ts';
import { repository } from './home.ts';
import type { ProcessSettings } from './supervised-process.ts';

/** What a service's environment is made of. */
export interface ServiceSurroundings {
  natsUrlFor: NatsUrlFor;
  redisUrl: string;
  databaseUrl: string;
  gatewayPort: number;
  gatewayUrl: string;
  /** How long a gateway that is told to stop still takes connections; 0 where nothing balances its load. */
  drainDelayMs?: number;
  secret: (name: string) => string;
}

/** One more process of a service's app, with the same image, settings and users, that is scaled by itself. */
export interface ServiceWorker {
  /** `<service>-<what it does>`: its container, its log, its row among the operators' ports. */
  name: string;
  /** The file of the app's `dist` that starts it, without `.js`. */
  entry: string;
}

export interface Service {
  name: string;
  hasSchema: boolean;
  /** NATS subjects that it serves in its queue group; the allow-list of its user (`infra/nats/users.ts`). */
  answers: readonly string[];
  /** Operations that it calls, by name or as a subject with wildcards. */
  calls: readonly string[];
  /** True for the edge, which calls every operation that the contracts make public. */
  forwardsPublicOperations?: boolean;
  /** Subjects that it tells everybody who listens, without content. */
  broadcasts?: readonly string[];
  /** Broadcasts that each of its processes listens to. */
  listensTo?: readonly string[];
  /** How many subjects `events.<service>.<shard>` of the stream EVENTS it publishes to. */
  eventShards?: number;
  /** Services whose events it follows, and whose outbox it reads where the stream leaves something out. */
  followsEventsOf?: readonly string[];
  /** Processes beside `main`; none by default. They answer nothing on NATS. */
  workers?: readonly ServiceWorker[];
  /** Variables of the starter's own environment that this service sees, and no other one does. */
  inherits?: readonly string[];
  environment: (surroundings: ServiceSurroundings) => Record<string, string>;
}

/** What `npm start` seeds, and where commands from GitHub act unless the starter's environment says otherwise. */
export const DEMO_WORKSPACE_SLUG = 'linen-house';

/** The starter's own, or one that is made for this home. */
export function githubWebhookSecret(secret: (name: string) => string): string {
  return process.env['MAGSAG_GITHUB_WEBHOOK_SECRET'] || secret('MAGSAG_GITHUB_WEBHOOK_SECRET');
}

export const services: readonly Service[] = [
  {
    name: 'identity',
    hasSchema: true,
    answers: ['identity.*'],
    // What fills a partner's sandbox, as anybody would.
    calls: ['planner.propose', 'planner.set-policy', 'decisions.set-kill-switch'],
    broadcasts: ['identity.credentials-changed'],
    eventShards: 1,
    environment: ({ secret, gatewayUrl }) => ({
      MAGISTRY_KEY_PEPPER: secret('MAGISTRY_KEY_PEPPER'),
      MAGISTRY_SEALING_SECRET: secret('MAGISTRY_SEALING_SECRET'),
      MAGISTRY_BASE_URL: gatewayUrl,
    }),
  },
  {
    name: 'decisions',
    hasSchema: true,
    answers: ['decisions.*', 'decisions.append.*', 'decisions.get-writer-state.*'],
    calls: ['decisions.append.*'],
    eventShards: 4,
    followsEventsOf: ['identity', 'agents'],
    environment: ({ secret }) => ({
      MAGISTRY_CURSOR_SECRET: secret('MAGISTRY_CURSOR_SECRET'),
      MAGISTRY_SEALING_SECRET: secret('MAGISTRY_SEALING_SECRET'),
    }),
  },
  {
    name: 'planner',
    hasSchema: false,
    answers: ['planner.*'],
    calls: [
      'decisions.append.*',
      'decisions.get-ledger-head',
      'decisions.get-actor-history',
      'decisions.get-escalated-proposal',
    ],
    environment: () => ({}),
  },
  {
    name: 'webhooks',
    hasSchema: true,
    answers: ['webhooks.*'],
    calls: [],
    followsEventsOf: ['decisions'],
    workers: [{ name: 'webhooks-worker', entry: 'worker' }],
    environment: ({ secret, gatewayUrl, redisUrl }) => ({
      REDIS_URL: redisUrl,
      MAGISTRY_SEALING_SECRET: secret('MAGISTRY_SEALING_SECRET'),
      MAGISTRY_WEBHOOK_SECRET: secret('MAGISTRY_WEBHOOK_SECRET'),
      MAGISTRY_BASE_URL: gatewayUrl,
      MAGISTRY_ALLOW_LOOPBACK_WEBHOOKS: process.env['MAGISTRY_ALLOW_LOOPBACK_WEBHOOKS'] ?? 'true',
    }),
  },
  {
    name: 'agents',
    hasSchema: true,
    answers: ['agents.*'],
    calls: [
      ...['decisions.list-decisions', 'decisions.get-kill-switch', 'planner.propose'],
      ...['identity.create-api-key', 'identity.rotate-api-key', 'identity.record-usage'],
      'identity.resolve-workspace',
    ],
    broadcasts: ['agents.run-cancelled', 'agents.log.>'],
    listensTo: ['agents.run-cancelled', 'agents.log.>'],
    eventShards: 1,
    inherits: [
      ...['MAGSAG_GITHUB_WEBHOOK_SECRET_OTHER', 'MAGSAG_GITHUB_TOKEN', 'MAGSAG_GITHUB_API_URL'],
      'MAGSAG_RUNS_BASE_DIR',
    ],
    environment: ({ secret, gatewayUrl }) => ({
      MAGISTRY_SEALING_SECRET: secret('MAGISTRY_SEALING_SECRET'),
      MAGISTRY_BASE_URL: gatewayUrl,
      MAGISTRY_ALLOW_LOOPBACK_AGENTS: process.env['MAGISTRY_ALLOW_LOOPBACK_AGENTS'] ?? 'true',
      MAGSAG_GITHUB_WEBHOOK_SECRET: githubWebhookSecret(secret),
      MAGSAG_WORKSPACE: process.env['MAGSAG_WORKSPACE'] ?? DEMO_WORKSPACE_SLUG,
    }),
  },
  {
    name: 'gateway',
    hasSchema: false,
    answers: [],
    calls: [
      ...['identity.resolve-credential', 'identity.resolve-workspace', 'identity.resolve-service-key'],
      ...['identity.get-credential-epoch', 'identity.record-key-uses', '*.get-readiness'],
      ...['webhooks.get-signing-keys', 'agents.receive-github-event', 'agents.get-github-health'],
      ...['identity.get-http-address', 'identity.spend-build-credit', 'agents.read-events'],
    ],
    listensTo: ['identity.credentials-changed', 'agents.log.>'],
    forwardsPublicOperations: true,
    inherits: [
      ...['MAGSAG_API_KEY', 'MAGSAG_WORKSPACE', 'MAGSAG_RATE_LIMIT_QPS', 'MAGSAG_REDIS_URL'],
      ...['MAGSAG_API_PREFIX', 'MAGSAG_API_MAX_REQUEST_BYTES', 'MAGSAG_API_DEBUG'],
    ],
    environment: ({ gatewayPort, gatewayUrl, redisUrl, drainDelayMs = 0, secret }) => ({
      REDIS_URL: redisUrl,
      MAGISTRY_REPLAY_SECRET: secret('MAGISTRY_REPLAY_SECRET'),
      // Everybody on one machine shares one address.
      MAGISTRY_UNAUTHENTICATED_PER_MINUTE: process.env['MAGISTRY_UNAUTHENTICATED_PER_MINUTE'] ?? '6000',
      HOST: '127.0.0.1',
      PORT: String(gatewayPort),
      MAGISTRY_BASE_URL: gatewayUrl,
      MAGISTRY_DRAIN_DELAY_MS: String(drainDelayMs),
    }),
  },
];

// What a service may see of the starter's own environment: no secret meant for another one.
const inherited =
  /^(PATH|HOME|TZ|LANG|LOG_LEVEL|NODE_ENV|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|OTEL_.*|MAGISTRY_.*)$/;

function serviceEnvironment(service: Service, surroundings: ServiceSurroundings): NodeJS.ProcessEnv {
  const { inherits = [] } = service;
  const kept = Object.entries(process.env).filter(
    ([name]) => inherited.test(name) || inherits.includes(name),
  );
  return {
    LOG_LEVEL: 'info',
    NODE_ENV: 'production',
    ...Object.fromEntries(kept),
    NATS_URL: surroundings.natsUrlFor(service.name),
    ...(service.hasSchema && { DATABASE_URL: serviceDatabaseUrl(service, surroundings) }),
    ...service.environment(surroundings),
  };
}

/** Every schema with its migrations, in the order of the table above. */
export function schemaMigrations(secret: (name: string) => string): SchemaMigration[] {
  return services
    .filter(({ hasSchema }) => hasSchema)
    .map(({ name }) => ({
      service: name,
      password: rolePassword(name, secret),
      files: readMigrations(name),
    }));
}

function rolePassword(service: string, secret: (name: string) => string): string {
  return secret(databasePasswordVariable(service));
}

function serviceDatabaseUrl(service: Service, { databaseUrl, secret }: ServiceSurroundings): string {
  const url = new URL(databaseUrl);
  url.username = roleOf(service.name);
  url.password = rolePassword(service.name, secret);
  return url.href;
}

/** Every process that a running system has of the service: `main` and its workers. */
export function serviceProcesses(service: Service, surroundings: ServiceSurroundings): ProcessSettings[] {
  const workers = service.workers ?? [];
  return [
    serviceProcess(service, surroundings),
    ...workers.map(({ name, entry }) => serviceProcess(service, surroundings, name, entry)),
  ];
}

/** `name` tells a second process of the same service from the first. */
export function serviceProcess(
  service: Service,
  surroundings: ServiceSurroundings,
  name = service.name,
  entry = 'main',
): ProcessSettings {
  return {
    name,
    role: 'service',
    command: process.execPath,
    // On SIGUSR1 each process opens Node's inspector at a port of its own, which its log names.
    words: ['--enable-source-maps', '--inspect-port=127.0.0.1:0', `apps/${service.name}/dist/${entry}.js`],
    environment: serviceEnvironment(service, surroundings),
    folder: repository,
    stopSignal: 'SIGTERM',
    forceSignal: 'SIGKILL',
    stopTimeoutMs: 10_000,
  };
}
