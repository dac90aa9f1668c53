import { createHash } from 'node:crypto';
import { serverEnvironment } from '../nats/connection-url.ts';
import { writeLocalConfig } from '../nats/local-config.ts';
import type { Home } from './home.ts';
import type { Provision, Tool } from './provision.ts';
import { runCommand } from './run-command.ts';
import type { ProcessSettings } from './supervised-process.ts';

/** A server program besides Postgres that every start needs: one row each. */
export interface Server {
  name: 'redis' | 'nats';
  tool: Tool;
  /** When this variable is set, the server it names is used and none is started. */
  urlVariable: 'REDIS_URL' | 'NATS_URL';
  protocol: string;
  image: string;
  imagePort: number;
  imageDataFolder: string;
  /** What it sends, or answers to `greeting`, when it is ready. */
  greeting: string;
  readyAnswer: string;
  words: (place: ServerPlace) => string[];
  /** Variables that the program itself reads. */
  environment?: (secret: (name: string) => string, dataFolder: string) => Record<string, string>;
}

export interface ServerPlace {
  address: string;
  port: number;
  dataFolder: string;
  configFolder: string;
  withTestUser: boolean;
}

/** Where and for whom a server is started. */
export interface ServerOwner {
  home: Home;
  secret: (name: string) => string;
  withTestUser: boolean;
}

export const servers: readonly Server[] = [
  {
    name: 'redis',
    tool: 'redis-server',
    urlVariable: 'REDIS_URL',
    protocol: 'redis:',
    image: 'redis:7-alpine',
    imagePort: 6379,
    imageDataFolder: '/data',
    greeting: 'PING\r\n',
    readyAnswer: '+PONG',
    words: ({ address, port, dataFolder }) => [
      ...['--bind', address, '--port', String(port), '--dir', dataFolder],
      ...['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
    ],
  },
  {
    name: 'nats',
    tool: 'nats-server',
    urlVariable: 'NATS_URL',
    protocol: 'nats:',
    image: 'nats:2.12-alpine',
    imagePort: 4222,
    imageDataFolder: '/data',
    greeting: '',
    readyAnswer: 'INFO ',
    words: ({ address, port, configFolder, withTestUser }) => [
      ...['-c', writeLocalConfig(configFolder, withTestUser)],
      ...['-a', address, '-p', String(port)],
    ],
    environment: serverEnvironment,
  },
];

export function serverProcess(
  server: Server,
  provision: Provision,
  { home, secret, withTestUser }: ServerOwner,
  port: number,
): ProcessSettings {
  const dataFolder = home[server.name];
  const isProgram = provision.kind === 'program';
  const own = server.environment?.(secret, isProgram ? dataFolder : server.imageDataFolder) ?? {};
  const shared = {
    name: server.name,
    role: 'server',
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...own },
    folder: dataFolder,
    stopSignal: 'SIGTERM',
    forceSignal: 'SIGKILL',
    stopTimeoutMs: 10_000,
  } as const;
  if (provision.kind === 'program') {
    const place = { address: '127.0.0.1', port, dataFolder, configFolder: dataFolder, withTestUser };
    return { ...shared, command: provision.path, words: server.words(place) };
  }
  const container = containerName(server, home);
  const inside = { address: '0.0.0.0', port: server.imagePort, dataFolder: server.imageDataFolder };
  const place = { ...inside, configFolder: dataFolder, withTestUser };
  return {
    ...shared,
    command: 'docker',
    words: dockerWords(server, container, place, { port, variables: Object.keys(own) }),
    // A docker client killed with -9 leaves its container running under this name.
    prepare: async () => void (await runCommand('docker', ['rm', '--force', container])),
  };
}

function dockerWords(
  server: Server,
  container: string,
  place: ServerPlace,
  outside: { port: number; variables: string[] },
): string[] {
  const inside = server.imageDataFolder;
  const words = server.words(place).map((word) => word.replace(place.configFolder, inside));
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return [
    ...['run', '--rm', '--init', '--name', container, '--user', user],
    ...['--publish', `127.0.0.1:${outside.port}:${server.imagePort}`],
    ...['--volume', `${place.configFolder}:${inside}`],
    // Without a value docker takes it from its own environment, where no process list shows it.
    ...outside.variables.flatMap((name) => ['--env', name]),
    ...['--entrypoint', server.tool, server.image, ...words],
  ];
}

function containerName(server: Server, home: Home): string {
  return `magistry-${server.name}-${createHash('sha256').update(home.folder).digest('hex').slice(0, 12)}`;
}
