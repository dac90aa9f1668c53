import { aHouse, contentsOf } from './house.fixture.ts';
import service, { type ServiceOptions } from './service/service.ts';

const wanted: ServiceOptions = { name: 'specimens', noun: 'specimen', scopes: 'research', schema: true };

test('every place that lists the services lists the new one', async () => {
  const tree = aHouse();
  await service(tree, wanted);
  const read = (path: string) => tree.read(path, 'utf8') ?? '';
  expect(read('libs/contracts/src/platform.ts')).toMatch(/SERVICES = \[.*'specimens'\]/);
  expect(read('libs/contracts/src/index.ts')).toContain("export * as specimens from './specimens.js';");
  expect(read('infra/local/services.ts')).toMatch(
    /name: 'specimens',\s+hasSchema: true,\s+answers: \['specimens\.\*'\]/,
  );
  expect(read('docs/architecture.md')).toContain('| `apps/specimens`');
  expect(JSON.parse(read('package-lock.json')).packages).toMatchObject({
    'apps/specimens': { name: '@magistry/specimens', version: '0.1.0' },
    'node_modules/@magistry/specimens': { resolved: 'apps/specimens', link: true },
  });
});

test('the lockfile keeps the order that npm gives it', async () => {
  const tree = aHouse();
  const before = tree.read('package-lock.json', 'utf8')?.split('\n') ?? [];
  await service(tree, wanted);
  const after = new Set(tree.read('package-lock.json', 'utf8')?.split('\n'));
  expect(before.filter((line) => !after.has(line))).toEqual([]);
  const keys = Object.keys(JSON.parse(tree.read('package-lock.json', 'utf8') ?? '').packages);
  const old = Object.keys(JSON.parse(before.join('\n')).packages);
  expect(keys.filter((key) => old.includes(key))).toEqual(old);
});

test('the gateway stays the last that is started', async () => {
  const tree = aHouse();
  await service(tree, wanted);
  const table = tree.read('infra/local/services.ts', 'utf8') ?? '';
  expect(table.indexOf("name: 'specimens'")).toBeLessThan(table.indexOf("name: 'gateway'"));
});

test('a service with a schema grants its role no more than it uses', async () => {
  const tree = aHouse();
  await service(tree, wanted);
  const path = tree.listChanges().find((change) => change.path.endsWith('migration.sql'))?.path ?? '';
  expect(path).toMatch(/^apps\/specimens\/prisma\/migrations\/\d{14}_specimens\/migration\.sql$/);
  expect(tree.read(path, 'utf8')).toContain(
    'GRANT SELECT, INSERT, UPDATE ON specimen TO magistry_specimens;',
  );
});

test('a service without a schema has no migration, no storage and no database setting', async () => {
  const tree = aHouse();
  await service(tree, { ...wanted, schema: false });
  const made = tree.listChanges().filter(({ path }) => path.startsWith('apps/specimens/'));
  expect(made.filter(({ path }) => /prisma|storage/.test(path))).toEqual([]);
  expect(made.filter(({ content }) => content?.includes('DATABASE_URL'))).toEqual([]);
});

test('the README is of at most 40 lines', async () => {
  const tree = aHouse();
  await service(tree, wanted);
  expect(tree.read('apps/specimens/README.md', 'utf8')?.split('\n').length).toBeLessThanOrEqual(41);
});

test('made a second time, it is refused and nothing changes', async () => {
  const tree = aHouse();
  await service(tree, wanted);
  const before = contentsOf(tree);
  await expect(service(tree, wanted)).rejects.toThrow(/specimens: exists already[\s\S]*Nothing was written/);
  expect(contentsOf(tree)).toEqual(before);
});

test.each<[string, Partial<ServiceOptions>, RegExp]>([
  ['a service that exists', { name: 'planner' }, /planner: exists already/],
  ['a name of two words', { name: 'agent-runs' }, /must be one word/],
  ['a name in capitals', { name: 'Specimens' }, /must be one word/],
  ['a name that leads elsewhere', { name: '../specimens' }, /must be one word/],
  ['a drawer', { name: 'helpers' }, /names a drawer/],
  ['the name of a file of the contracts', { name: 'fields' }, /is a word with a meaning of its own/],
  ['a word of SQL as the noun', { noun: 'order' }, /is a word with a meaning of its own/],
  ['a noun that is the service', { noun: 'specimens' }, /must differ from the service/],
  ['scopes that the platform does not have', { scopes: 'specimens' }, /is no scope of the platform/],
])('%s is refused and nothing changes', async (_what, wrong, message) => {
  const tree = aHouse();
  const before = contentsOf(tree);
  await expect(service(tree, { ...wanted, ...wrong })).rejects.toThrow(message);
  expect(contentsOf(tree)).toEqual(before);
});
