import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repository } from '../local/home.ts';

export interface MigrationFile {
  name: string;
  path: string;
  sql: string;
  checksum: string;
}

/** The migrations of one service in the order of their timestamps; none when it has no folder yet. */
export function readMigrations(service: string): MigrationFile[] {
  return readMigrationFolder(join(repository, 'apps', service, 'prisma/migrations'));
}

export function readMigrationFolder(folder: string): MigrationFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => readMigration(folder, name));
}

function readMigration(folder: string, name: string): MigrationFile {
  const path = join(folder, name, 'migration.sql');
  if (!existsSync(path)) throw new Error(`${path} is missing. Add it, or remove the folder ${name}.`);
  const bytes = readFileSync(path);
  const checksum = createHash('sha256').update(bytes).digest('hex');
  return { name, path: relative(repository, path), sql: bytes.toString('utf8'), checksum };
}
