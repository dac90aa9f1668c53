// Runs on whatever Node a fresh machine has (20 or later), before any package is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const packagedNode = join(repository, 'node_modules/node/bin/node');
const oldestMajor = 20;
const wantedMajor = 24;
const parentPollMs = 250;

/** Installs packages when the lockfile asks for it, then runs a TypeScript entry under Node 24. */
export async function runUnderNode24(entry) {
  if (majorOf(process.versions.node) < oldestMajor) {
    fail(`Magistry needs Node ${oldestMajor} or later, this is ${process.version}. See https://nodejs.org`);
  }
  await timed('packages', installPackages);
  const nodeBinary = await timed(`node ${wantedMajor}`, findNode24);
  runForeground(nodeBinary, [fileURLToPath(new URL(entry, import.meta.url)), ...process.argv.slice(2)]);
}

function installPackages() {
  if (packagesMatchLockfile()) return;
  console.log('… packages: npm ci (a minute or two the first time)');
  const result = npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
  if (result.status === 0) return;
  fail(
    'npm ci failed, see above. If it names packages missing from the lock file, run ' +
      '"node infra/packages/complete-lockfile.mjs" and commit it; else check the network and run this again.',
  );
}

// npm writes node_modules/.package-lock.json last, so an interrupted install never looks complete.
function packagesMatchLockfile() {
  const installedPath = join(repository, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const installed = readPackages(installedPath);
  return Object.entries(readPackages(join(repository, 'package-lock.json'))).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return Boolean(wanted.optional || wanted.peer);
    const sameBytes = wanted.integrity === undefined || found.integrity === wanted.integrity;
    return found.version === wanted.version && sameBytes;
  });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch (error) {
    if (path.includes('node_modules')) return {};
    fail(`${path} cannot be read: ${error.message}. Restore it with: git checkout package-lock.json`);
  }
}

function findNode24() {
  if (!isNode24(packagedNode)) npm(['rebuild', 'node', '--foreground-scripts']);
  if (isNode24(packagedNode)) return packagedNode;
  if (majorOf(process.versions.node) >= wantedMajor) return process.execPath;
  fail(
    `the npm package "node" did not bring Node ${wantedMajor} (are install scripts switched off?). ` +
      `Run "npm config set ignore-scripts false" and "npm rebuild node", or use Node ${wantedMajor} yourself.`,
  );
}

function isNode24(path) {
  if (!existsSync(path)) return false;
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return majorOf(version.replace('v', '')) >= wantedMajor;
}

function runForeground(nodeBinary, commandLine) {
  const path = [join(repository, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(nodeBinary, commandLine, {
    cwd: repository,
    env: { ...process.env, PATH: path, NX_DAEMON: 'false' },
    // The channel tells the child when this process is killed, so that it can stop what it started.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  stopWithNpm(child);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${nodeBinary} cannot be run: ${error.message}`));
  child.on('exit', (code) => process.exit(code ?? 1));
}

// npm hands SIGTERM to a shell that may die of it without passing it on.
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), parentPollMs);
}

function npm(words) {
  return spawnSync('npm', words, { cwd: repository, stdio: 'inherit' });
}

async function timed(name, work) {
  const startedAt = Date.now();
  const result = await work();
  console.log(`✓ ${name} ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function fail(message) {
  console.error(`✗ ${message}`);
  process.exit(1);
}
