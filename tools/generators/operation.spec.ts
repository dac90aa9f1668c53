import { aHouse, contentsOf } from './house.fixture.ts';
import operation, { type OperationOptions } from './operation/operation.ts';

const specimen: OperationOptions = {
  service: 'planner',
  name: 'get-specimen',
  method: 'GET',
  path: '/v1/planner/specimens/:specimen',
  scope: 'planner:read',
};
const call: OperationOptions = { service: 'identity', name: 'find-specimen', call: true };

test('a public operation changes its contract, controller, module and README, and makes two files', async () => {
  const tree = aHouse();
  const before = contentsOf(tree);
  await operation(tree, specimen);
  expect(changedSince(before, contentsOf(tree))).toEqual([
    'apps/planner/README.md',
    'apps/planner/src/app.module.ts',
    'apps/planner/src/operations/get-specimen.ts',
    'apps/planner/src/planner.controller.ts',
    'apps/planner/test/get-specimen.integration.spec.ts',
    'libs/contracts/src/planner.ts',
  ]);
});

test('an operation with a body gives the access matrix an example of it', async () => {
  const tree = aHouse();
  await operation(tree, { ...specimen, method: 'POST' });
  expect(tree.read('libs/contracts/src/planner.ts', 'utf8')).toContain("body: { remark: 'sample' }");
});

test('a call adds its two messages to the protobuf file of its service', async () => {
  const tree = aHouse();
  await operation(tree, call);
  const messages = tree.read('proto/magistry/identity/v1/identity.proto', 'utf8');
  expect(messages).toContain('message FindSpecimenRequest {\n  string specimen = 1;\n}');
  expect(messages).toContain('message FindSpecimenResponse {\n  string specimen = 1;\n}');
});

test.each(['decisions', 'identity', 'planner'])('%s takes an operation of each kind', async (service) => {
  const tree = aHouse();
  await operation(tree, { ...specimen, service });
  await operation(tree, { ...call, service });
  const controller = tree.read(`apps/${service}/src/${service}.controller.ts`, 'utf8');
  expect(controller).toContain(`@Handles(${service}.getSpecimen)`);
  expect(controller).toContain(`@Handles(${service}.findSpecimen)`);
});

test.each([specimen, call])('made a second time, $name is refused and nothing changes', async (options) => {
  const tree = aHouse();
  await operation(tree, options);
  const before = contentsOf(tree);
  await expect(operation(tree, options)).rejects.toThrow(/exists already.*\.ts/s);
  expect(contentsOf(tree)).toEqual(before);
});

test.each<[string, Partial<OperationOptions>, RegExp]>([
  ['an unknown service', { service: 'nobody' }, /there is no apps\/nobody/],
  ['a service outside apps', { service: '../planner' }, /there is no apps/],
  ['a name without a noun', { name: 'get' }, /must be verb-noun/],
  ['a name in camel case', { name: 'getSpecimen' }, /must be verb-noun/],
  ['a name that leads elsewhere', { name: 'get-../specimen' }, /must be verb-noun/],
  ['a drawer', { name: 'get-utils' }, /names a drawer/],
  ['a name that is taken', { name: 'get-policy' }, /planner.get-policy: exists already/],
  ['a path outside the API', { path: '/planner/specimens' }, /must be like \/v1/],
  ['a path that breaks out of its text', { path: "/v1/x'" }, /must be like \/v1/],
  ['a path that names a field twice', { path: '/v1/x/:hint/:hint' }, /names a field twice/],
  ['a path that names the workspace', { path: '/v1/x/:workspace' }, /has a meaning of its own/],
  ['a route that is taken', { path: '/v1/planner/actions' }, /another operation answers it already/],
  [
    'a route that is taken under another field',
    { path: '/v1/decisions/:id' },
    /another operation answers it/,
  ],
  ['a scope that the platform does not know', { scope: 'specimens:read' }, /is no scope of the platform/],
  ['a call with a route', { call: true }, /takes no --method/],
])('%s is refused and nothing changes', async (_what, wrong, message) => {
  const tree = aHouse();
  const before = contentsOf(tree);
  await expect(operation(tree, { ...specimen, ...wrong })).rejects.toThrow(message);
  expect(contentsOf(tree)).toEqual(before);
});

test('every fault is named at once', async () => {
  const wrong = { service: 'nobody', name: 'get', path: 'x', method: 'GET', scope: 'x' } as const;
  await expect(operation(aHouse(), wrong)).rejects.toThrow(
    /--service[\s\S]*--name[\s\S]*--path[\s\S]*--scope/,
  );
});

test('a README without its table of subjects is named', async () => {
  const tree = aHouse();
  tree.write('apps/planner/README.md', '# planner\n');
  await expect(operation(tree, specimen)).rejects.toThrow(
    'apps/planner/README.md does not have exactly one table',
  );
});

function changedSince(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after)
    .filter((path) => before[path] !== after[path])
    .sort();
}
