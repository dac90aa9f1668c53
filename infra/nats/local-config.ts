import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addUser } from './server-config.ts';
import { testUser } from './users.ts';

const configPath = fileURLToPath(new URL('./nats.conf', import.meta.url));

/** Puts the generated configuration into a folder that the server can read; returns its path there. */
export function writeLocalConfig(folder: string, withTestUser: boolean): string {
  const path = join(folder, 'nats.conf');
  const generated = readFileSync(configPath, 'utf8');
  writeFileSync(path, withTestUser ? addUser(generated, testUser()) : generated);
  return path;
}
