import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson, writePrivateJson } from './atomic-file.ts';

export const repository = fileURLToPath(new URL('../../', import.meta.url));
export const runsAsRoot = process.getuid?.() === 0;

/** Every path of one running system. */
export interface Home {
  folder: string;
  logs: string;
  credentials: string;
  /** `nats_url` of the user operator, for the operator's command. */
  operator: string;
  state: string;
  lock: string;
  secrets: string;
  nats: string;
  redis: string;
  postgres: string;
}

export function openHome(folder: string): Home {
  const root = resolve(repository, folder);
  const home: Home = {
    folder: root,
    logs: join(root, 'logs'),
    credentials: join(root, 'credentials.json'),
    operator: join(root, 'operator.json'),
    state: join(root, 'state.json'),
    lock: join(root, 'supervisor.lock'),
    secrets: join(root, 'secrets.json'),
    nats: join(root, 'nats'),
    redis: join(root, 'redis'),
    postgres: runsAsRoot ? rootPostgresFolder(root) : join(root, 'postgres'),
  };
  createFolder(root);
  for (const inner of [home.logs, home.nats, home.redis]) mkdirSync(inner, { recursive: true });
  return home;
}

export function removeHome(home: Home): void {
  for (const folder of [home.folder, home.postgres]) rmSync(folder, { recursive: true, force: true });
}

/** Hands out secrets by name: made at their first use, the same ever after. */
export function openSecrets(path: string): (name: string) => string {
  const known = (readJson(path) ?? {}) as Record<string, string>;
  return (name) => {
    const existing = known[name];
    if (existing !== undefined) return existing;
    const made = randomBytes(32).toString('base64url');
    known[name] = made;
    writePrivateJson(path, known);
    return made;
  };
}

// Postgres refuses to run as root, and its own user could not enter a checkout under a 0700 folder.
function rootPostgresFolder(root: string): string {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join('/var/lib/magistry', name);
}

function createFolder(root: string): void {
  if (existsSync(root)) return;
  try {
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o700);
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`the folder ${root} cannot be made (${reason}). Name another one in MAGISTRY_HOME.`);
  }
}
