import { servers } from '../local/servers.ts';
import { ownerName } from '../postgres/server.ts';
import { required } from './service-settings.ts';

const health = { interval: '5s', timeout: '3s', retries: 10, start_period: '10s' };
const kept = { restart: 'unless-stopped', stop_grace_period: '60s' };

/** Postgres, Redis and NATS; none is published on the host. */
export function dataServers(natsPasswords: readonly string[]): Record<string, object> {
  return { postgres: postgres(), redis: redis(), nats: nats(natsPasswords) };
}

/** What every container has: limits, and no way to more rights. */
export function hardened(limits: { cpus: string; memory: string }): object {
  return {
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    init: true,
    deploy: { resources: { limits } },
  };
}

function postgres(): object {
  return {
    image: 'pgvector/pgvector:0.8.1-pg18',
    user: 'postgres',
    environment: {
      POSTGRES_USER: ownerName,
      POSTGRES_DB: 'magistry',
      POSTGRES_PASSWORD: required('POSTGRES_PASSWORD'),
      POSTGRES_INITDB_ARGS: '--auth-host=scram-sha-256 --encoding=UTF8 --locale=C',
      TZ: 'UTC',
    },
    volumes: ['postgres:/var/lib/postgresql'],
    healthcheck: {
      test: ['CMD', 'pg_isready', '-U', ownerName, '-d', 'magistry', '-h', '127.0.0.1'],
      ...health,
    },
    ...kept,
    ...hardened({ cpus: '2', memory: '1G' }),
    tmpfs: ['/tmp', '/run/postgresql:mode=1777'],
    shm_size: '256mb',
  };
}

function redis(): object {
  const server = serverNamed('redis');
  const { imagePort: port, imageDataFolder: dataFolder } = server;
  const place = { address: '0.0.0.0', port, dataFolder, configFolder: dataFolder, withTestUser: false };
  return {
    image: server.image,
    user: 'redis',
    command: [server.tool, ...server.words(place), '--requirepass', required('REDIS_PASSWORD')],
    environment: { REDISCLI_AUTH: required('REDIS_PASSWORD') },
    volumes: [`redis:${server.imageDataFolder}`],
    healthcheck: { test: ['CMD-SHELL', 'redis-cli ping | grep -q PONG'], ...health },
    ...kept,
    ...hardened({ cpus: '1', memory: '512M' }),
  };
}

function nats(passwords: readonly string[]): object {
  const { image, imageDataFolder } = serverNamed('nats');
  return {
    image,
    command: ['-c', '/etc/nats/nats.conf', '-m', '8222'],
    // In quotes, as nats.conf says.
    environment: {
      NATS_STORE_DIR: `"${imageDataFolder}"`,
      ...Object.fromEntries(passwords.map((name) => [name, `"${required(name)}"`])),
    },
    volumes: ['./infra/nats/nats.conf:/etc/nats/nats.conf:ro', `nats:${imageDataFolder}`],
    healthcheck: { test: ['CMD', 'wget', '-q', '--spider', 'http://127.0.0.1:8222/healthz'], ...health },
    ...kept,
    ...hardened({ cpus: '1', memory: '512M' }),
  };
}

function serverNamed(name: 'redis' | 'nats') {
  const server = servers.find((one) => one.name === name);
  if (server === undefined) throw new Error(`infra/local/servers.ts has no ${name}`);
  return server;
}
