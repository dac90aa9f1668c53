import { stringify } from 'yaml';
import { type Service, type ServiceWorker, services } from '../local/services.ts';
import { OPERATOR, passwordVariable } from '../nats/users.ts';
import { databasePasswordVariable } from '../postgres/roles.ts';
import { dataServers, hardened } from './compose-servers.ts';
import {
  composeValue,
  GATEWAY_PORT,
  METRICS_PORT,
  ownerDatabaseUrl,
  required,
  type ServiceSettings,
} from './service-settings.ts';

const heading = `# Made by "npm run generate" from infra/deployment, infra/local/services.ts and the apps' settings:
# change it there. How to run it: docs/deployment.md; what it reads from .env: .env.example.

`;

const healthScript = 'infra/docker/health.ts';
const startedOnce = { condition: 'service_completed_successfully' };
const healthy = { condition: 'service_healthy' };

export function renderCompose(all: readonly ServiceSettings[], version: string): string {
  const document = {
    name: 'magistry',
    services: {
      ...dataServers(natsPasswords()),
      migrate: migrateJob(version),
      ...Object.fromEntries(all.map((one) => [one.service.name, serviceEntry(one, version)])),
      ...Object.fromEntries(all.flatMap((one) => workerEntries(one, version))),
    },
    volumes: { postgres: {}, redis: {}, nats: {} },
  };
  return heading + stringify(document, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

function natsPasswords(): string[] {
  return [...services.map(({ name }) => name), OPERATOR].map(passwordVariable);
}

function migrateJob(version: string): object {
  const roles = services
    .filter(({ hasSchema }) => hasSchema)
    .map(({ name }) => databasePasswordVariable(name));
  return {
    ...image('migrate', version),
    environment: {
      DATABASE_URL: ownerDatabaseUrl(),
      MAGISTRY_HOME: '/tmp/magistry',
      ...Object.fromEntries(roles.map((name) => [name, required(name)])),
    },
    depends_on: { postgres: healthy },
    restart: 'no',
    ...hardened({ cpus: '1', memory: '256M' }),
    tmpfs: ['/tmp'],
  };
}

function serviceEntry({ service, settings }: ServiceSettings, version: string): object {
  const isEdge = service.answers.length === 0;
  return {
    ...image(service.name, version),
    environment: Object.fromEntries(
      settings.map((setting) => [setting.name, composeValue(service, setting)]),
    ),
    ...(isEdge && { ports: [`\${BIND_ADDRESS:-127.0.0.1}:\${PORT:-${GATEWAY_PORT}}:${GATEWAY_PORT}`] }),
    depends_on: dependencies(service),
    healthcheck: {
      test: ['CMD', 'node', healthScript, isEdge ? `http://127.0.0.1:${GATEWAY_PORT}/health` : service.name],
      interval: '15s',
      timeout: '5s',
      retries: 3,
      start_period: '20s',
    },
    restart: 'unless-stopped',
    // Longer than any drain: the edge cuts slow clients off after 10 s.
    stop_grace_period: '30s',
    ...hardened({ cpus: '1', memory: '512M' }),
    tmpfs: ['/tmp'],
  };
}

/** The service's container with another command; its operators' port says how it is. */
function workerEntries(of: ServiceSettings, version: string): [string, object][] {
  const { healthcheck, ...shared } = serviceEntry(of, version) as { healthcheck: { test: string[] } };
  return (of.service.workers ?? []).map(({ name, entry }: ServiceWorker) => [
    name,
    {
      ...shared,
      command: ['node', `apps/${of.service.name}/dist/${entry}.js`],
      healthcheck: {
        ...healthcheck,
        test: ['CMD', 'node', healthScript, `http://127.0.0.1:${METRICS_PORT}/health`],
      },
    },
  ]);
}

// Without its servers a service waits; starting after them only keeps the first log quiet.
function dependencies({ hasSchema, answers }: Service): object {
  const behind = services.filter((other) => other.answers.length > 0).map(({ name }) => [name, healthy]);
  return {
    nats: healthy,
    ...(hasSchema && { postgres: healthy, migrate: startedOnce }),
    ...(answers.length === 0 && Object.fromEntries(behind)),
  };
}

function image(name: string, version: string): object {
  const target = name === 'migrate' ? { target: 'migrate' } : { target: 'service', args: { APP: name } };
  return {
    image: `magistry/${name}:\${MAGISTRY_VERSION:-${version}}`,
    build: { context: '.', dockerfile: 'infra/docker/service.Dockerfile', ...target },
  };
}
