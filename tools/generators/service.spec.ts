import { aHouse, contentsOf } from './house.fixture.ts';
import service, { type ServiceOptions } from './service/service.ts';

const notes: ServiceOptions = { name: 'notes', noun: 'note', scopes: 'research', schema: true };

test('every place that lists the services lists the new one', async () => {
  const tree = aHouse();
  await service(tree, notes);
  const read = (path: string) => tree.read(path, 'utf8') ?? '';
  expect(read('libs/contracts/src/platform.ts')).toMatch(/SERVICES = \[.*'notes'\]/);
  expect(read('libs/contracts/src/index.ts')).toContain("export * as notes from './notes.js';");
  expect(read('infra/local/services.ts')).toContain("name: 'notes', hasSchema: true");
  expect(read('docs/architecture.md')).toContain('| `apps/notes`');
  expect(JSON.parse(read('package-lock.json')).packages).toMatchObject({
    'apps/notes': { name: '@magistry/notes', version: '0.1.0' },
    'node_modules/@magistry/notes': { resolved: 'apps/notes', link: true },
  });
});

test('the lockfile keeps the order that npm gives it', async () => {
  const tree = aHouse();
  const before = tree.read('package-lock.json', 'utf8')?.split('\n') ?? [];
  await service(tree, notes);
  const after = new Set(tree.read('package-lock.json', 'utf8')?.split('\n'));
  expect(before.filter((line) => !after.has(line))).toEqual([]);
  const keys = Object.keys(JSON.parse(tree.read('package-lock.json', 'utf8') ?? '').packages);
  const old = Object.keys(JSON.parse(before.join('\n')).packages);
  expect(keys.filter((key) => old.includes(key))).toEqual(old);
});

test('the gateway stays the last that is started', async () => {
  const tree = aHouse();
  await service(tree, notes);
  const table = tree.read('infra/local/services.ts', 'utf8') ?? '';
  expect(table.indexOf("name: 'notes'")).toBeLessThan(table.indexOf("name: 'gateway'"));
});

test('a service with a schema grants its role no more than it uses', async () => {
  const tree = aHouse();
  await service(tree, notes);
  const path = tree.listChanges().find((change) => change.path.endsWith('migration.sql'))?.path ?? '';
  expect(path).toMatch(/^apps\/notes\/prisma\/migrations\/\d{14}_notes\/migration\.sql$/);
  expect(tree.read(path, 'utf8')).toContain('GRANT SELECT, INSERT, UPDATE ON note TO magistry_notes;');
});

test('a service without a schema has no migration, no storage and no database setting', async () => {
  const tree = aHouse();
  await service(tree, { ...notes, schema: false });
  const made = tree.listChanges().filter(({ path }) => path.startsWith('apps/notes/'));
  expect(made.filter(({ path }) => /prisma|storage/.test(path))).toEqual([]);
  expect(made.filter(({ content }) => content?.includes('DATABASE_URL'))).toEqual([]);
});

test('the README is of at most 40 lines', async () => {
  const tree = aHouse();
  await service(tree, notes);
  expect(tree.read('apps/notes/README.md', 'utf8')?.split('\n').length).toBeLessThanOrEqual(41);
});

test('made a second time, it is refused and nothing changes', async () => {
  const tree = aHouse();
  await service(tree, notes);
  const before = contentsOf(tree);
  await expect(service(tree, notes)).rejects.toThrow(/notes: exists already[\s\S]*Nothing was written/);
  expect(contentsOf(tree)).toEqual(before);
});

test.each<[string, Partial<ServiceOptions>, RegExp]>([
  ['a service that exists', { name: 'planner' }, /planner: exists already/],
  ['a name of two words', { name: 'agent-runs' }, /must be one word/],
  ['a name in capitals', { name: 'Notes' }, /must be one word/],
  ['a name that leads elsewhere', { name: '../notes' }, /must be one word/],
  ['a drawer', { name: 'helpers' }, /names a drawer/],
  ['the name of a file of the contracts', { name: 'fields' }, /is a word with a meaning of its own/],
  ['a word of SQL as the noun', { noun: 'order' }, /is a word with a meaning of its own/],
  ['a noun that is the service', { noun: 'notes' }, /must differ from the service/],
  ['scopes that the platform does not have', { scopes: 'notes' }, /is no scope of the platform/],
])('%s is refused and nothing changes', async (_what, wrong, message) => {
  const tree = aHouse();
  const before = contentsOf(tree);
  await expect(service(tree, { ...notes, ...wrong })).rejects.toThrow(message);
  expect(contentsOf(tree)).toEqual(before);
});
