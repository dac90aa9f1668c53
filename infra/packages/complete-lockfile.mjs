// `npm ci` wants a lockfile entry for every optional package, also those for other platforms. npm
// leaves an entry out when the registry it asked did not have the package; this puts it in.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const systems = ['android', 'darwin', 'linux', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'aix', 'openharmony'];
const systemAliases = new Map([
  ...systems.map((name) => [name, name]),
  ...['win32', 'windows'].map((name) => [name, 'win32']),
]);
const processors = [
  'arm64',
  'arm',
  'x64',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'mips64el',
  'wasm32',
];
const processorAliases = new Map([
  ...processors.map((name) => [name, name]),
  ...Object.entries({ aarch64: 'arm64', x86_64: 'x64', amd64: 'x64', armv7: 'arm', ppc64le: 'ppc64' }),
]);

const lock = JSON.parse(readFileSync(path, 'utf8'));
const missing = findMissing(lock.packages);

if (missing.length === 0) {
  console.log('package-lock.json is complete.');
} else if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${missing.map(({ name }) => name).join(', ')}: npm ci would fail.`);
  console.error('Mend it with: node infra/packages/complete-lockfile.mjs');
  process.exit(1);
} else {
  for (const entry of missing) lock.packages[`node_modules/${entry.name}`] = describe(entry);
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
  );
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: added ${missing.length} packages of other platforms.`);
}

function findMissing(packages) {
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isInstalledFor(packages, place, name))
      .map(([name, version]) => ({ name, version, dev })),
  );
}

// Looks where Node would: beside the package, then in every folder above it.
function isInstalledFor(packages, place, name) {
  for (let folder = place; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${folder}${folder && '/'}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

function describe({ name, version, dev }) {
  if (!/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) {
    throw new Error(`${name} is wanted as "${version}": without an exact version it cannot be added.`);
  }
  const words = (name.split('/').at(-1) ?? '').split('-');
  const system = words.map((word) => systemAliases.get(word)).find(Boolean);
  const processor = words.map((word) => processorAliases.get(word)).find(Boolean);
  if (!system && !processor) throw new Error(`${name} does not name a platform: it cannot be added.`);
  return {
    version,
    ...(processor && { cpu: [processor] }),
    ...(dev && { dev }),
    ...(name.includes('musl') && { libc: ['musl'] }),
    ...(system === 'linux' && /gnu/.test(name) && { libc: ['glibc'] }),
    optional: true,
    ...(system && { os: [system] }),
  };
}
