import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
}

export interface ServerPlace {
  address: string;
  port: number;
  dataFolder: string;
  configFolder: string;
}

const largestMessage = '12MB';

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
    image: 'nats:2.10-alpine',
    imagePort: 4222,
    imageDataFolder: '/data',
    greeting: '',
    readyAnswer: 'INFO ',
    words: (place) => ['-c', writeNatsConfig(place)],
  },
];

export function serverProcess(
  server: Server,
  provision: Provision,
  home: Home,
  port: number,
): ProcessSettings {
  const dataFolder = home[server.name];
  const shared = {
    name: server.name,
    role: 'server',
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    folder: dataFolder,
    stopSignal: 'SIGTERM',
    forceSignal: 'SIGKILL',
    stopTimeoutMs: 10_000,
  } as const;
  if (provision.kind === 'program') {
    const place = { address: '127.0.0.1', port, dataFolder, configFolder: dataFolder };
    return { ...shared, command: provision.path, words: server.words(place) };
  }
  const container = containerName(server, home);
  return {
    ...shared,
    command: 'docker',
    words: dockerWords(server, container, dataFolder, port),
    // A docker client killed with -9 leaves its container running under this name.
    prepare: async () => void (await runCommand('docker', ['rm', '--force', container])),
  };
}

function dockerWords(server: Server, container: string, dataFolder: string, port: number): string[] {
  const inside = server.imageDataFolder;
  const place = { address: '0.0.0.0', port: server.imagePort, dataFolder: inside, configFolder: dataFolder };
  const words = server.words(place).map((word) => word.replace(dataFolder, inside));
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return [
    ...['run', '--rm', '--init', '--name', container, '--user', user],
    ...['--publish', `127.0.0.1:${port}:${server.imagePort}`, '--volume', `${dataFolder}:${inside}`],
    ...['--entrypoint', server.tool, server.image, ...words],
  ];
}

function containerName(server: Server, home: Home): string {
  return `magistry-${server.name}-${createHash('sha256').update(home.folder).digest('hex').slice(0, 12)}`;
}

function writeNatsConfig({ address, port, dataFolder, configFolder }: ServerPlace): string {
  const path = join(configFolder, 'nats.conf');
  const lines = [
    `listen: "${address}:${port}"`,
    `max_payload: ${largestMessage}`,
    `jetstream: { store_dir: ${JSON.stringify(dataFolder)} }`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
