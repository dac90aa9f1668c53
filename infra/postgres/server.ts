import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessSettings } from '../local/supervised-process.ts';
import { type OperatingAccount, postgresAccount } from './account.ts';
import { installPostgresBinaries } from './binaries.ts';
import { clearPostgresLeftovers } from './leftovers.ts';

export interface PostgresInstallation {
  binaries: string;
  folder: string;
  data: string;
  account: OperatingAccount | undefined;
}

export const ownerName = 'magistry_owner';

const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
const parameters = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  fsync: 'on',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Brings binaries, OS user and a data folder; the data folder appears complete or not at all. */
export async function installPostgres(folder: string, password: string): Promise<PostgresInstallation> {
  const account = postgresAccount();
  const binaries = installPostgresBinaries();
  createFolder(folder, account);
  const data = join(folder, 'data');
  if (!existsSync(data)) await initialize({ binaries, folder, data, account }, password);
  return { binaries, folder, data: realpathSync(data), account };
}

export function postgresProcess(installation: PostgresInstallation, port: number): ProcessSettings {
  const { binaries, data, account } = installation;
  const settings = Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: 'postgres',
    role: 'server',
    command: join(binaries, 'bin/postgres'),
    words: ['-D', data, '-p', String(port), ...settings],
    environment,
    folder: data,
    ...(account && { account }),
    stopSignal: 'SIGINT',
    forceSignal: 'SIGQUIT',
    stopTimeoutMs: 20_000,
    prepare: () => clearPostgresLeftovers(data),
  };
}

async function initialize(installation: PostgresInstallation, password: string): Promise<void> {
  const { binaries, folder, data, account } = installation;
  const unfinished = join(folder, 'data.unfinished');
  const passwordFile = join(folder, 'password');
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  try {
    await promisify(execFile)(
      join(binaries, 'bin/initdb'),
      [
        ...['-D', unfinished, '--username', ownerName, '--pwfile', passwordFile],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
      ],
      { cwd: folder, env: environment, ...account },
    );
    renameSync(unfinished, data);
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`initdb could not make a database in ${folder}: ${stderr || message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function createFolder(folder: string, account: OperatingAccount | undefined): void {
  if (account) {
    const parent = join(folder, '..');
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, 0o755);
  }
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  if (account) chownSync(folder, account.uid, account.gid);
}
