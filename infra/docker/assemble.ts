// node infra/docker/assemble.ts APP FOLDER: copies what the image of an app holds, from a built checkout.
// `migrate` in place of an app is the job that brings the database up to date.
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from '../local/home.ts';

interface LockedPackage {
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  link?: boolean;
}

const HEALTH = 'infra/docker/health.ts';
/** Files beside its code that an app reads when it starts. */
const READ_BY: Readonly<Record<string, readonly string[]>> = {
  gateway: ['docs/openapi', 'docs/errors'],
  agents: ['apps/agents/agents.yaml'],
};

export function assemble(app: string, folder: string): void {
  const sources = app === 'migrate' ? migrateFiles() : serviceFiles(app);
  for (const path of ['package.json', ...sources, ...productionPackages()]) copy(path, folder);
  mkdirSync(join(folder, 'node_modules/@magistry'), { recursive: true });
  for (const name of libraries(sources)) {
    for (const path of [`libs/${name}/package.json`, `libs/${name}/dist`]) copy(path, folder);
    symlinkSync(`../../libs/${name}`, join(folder, 'node_modules/@magistry', name));
  }
}

function serviceFiles(app: string): string[] {
  const paths = [`apps/${app}/package.json`, `apps/${app}/dist`, HEALTH, ...(READ_BY[app] ?? [])];
  const missing = paths.filter((path) => globSync(path, { cwd: repository }).length === 0);
  if (missing.length > 0) throw new Error(`${missing.join(', ')} is missing. Is ${app} an app, and built?`);
  return paths;
}

function migrateFiles(): string[] {
  const sources = globSync('infra/{local,nats,postgres}/*.ts', { cwd: repository });
  return [
    ...sources.filter((path) => !path.endsWith('.spec.ts') && path !== 'infra/local/seed.ts'),
    ...globSync('apps/*/prisma/migrations', { cwd: repository }),
  ];
}

/** Our libraries that the files import, and those that these import in turn. */
function libraries(paths: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = importedBy(paths);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...importedBy([`libs/${name}/dist`]));
  }
  return found;
}

function importedBy(paths: readonly string[]): string[] {
  const patterns = paths.map((path) => (/\.[jt]s$/.test(path) ? path : `${path}/**/*.js`));
  return globSync(patterns, { cwd: repository }).flatMap((path) => {
    const source = readFileSync(join(repository, path), 'utf8');
    return [...source.matchAll(/from ['"]@magistry\/([a-z-]+)['"]/g)].map(([, name]) => name ?? '');
  });
}

/** What `npm ci --omit=dev --omit=peer` would leave; packages for another system are not installed. */
function productionPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const paths = Object.entries(packages)
    .filter(([path, { dev, devOptional, peer, link }]) => {
      return path.startsWith('node_modules/') && !dev && !devOptional && !peer && !link;
    })
    .map(([path]) => path);
  return globSync(paths, { cwd: repository });
}

function copy(path: string, folder: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(repository, path), target, { recursive: true, filter: (source) => !isNested(path, source) });
}

// Packages inside packages have lines of their own in the lockfile.
function isNested(path: string, source: string): boolean {
  return (
    source !== join(repository, path) &&
    source.slice(join(repository, path).length).startsWith('/node_modules')
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [app, folder] = process.argv.slice(2);
  if (app === undefined || folder === undefined) throw new Error('node infra/docker/assemble.ts APP FOLDER');
  assemble(app, folder);
}
