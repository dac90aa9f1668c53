// Which file may import which. Every rule has a known-bad tree in tools/checks/fixtures/<rule> that must fail.

/** Lowest first: a library imports only from layers below its own. `testing` stands above them all. */
const LAYERS = {
  elements: ['egress', 'errors', 'lists', 'webhook-signatures'],
  foundations: ['contracts'],
  surroundings: ['config', 'request-context', 'telemetry'],
  adapters: ['access', 'jobs', 'messaging', 'persistence'],
  guarantees: ['idempotency', 'outbox'],
};

/** Where these rules hold; infra/ and tools/ run the house and may reach anything. */
const PROJECTS = '^(apps|libs)/';

/** Files that run tests or serve them. They look behind a service's back on purpose. */
const TESTS = ['\\.(spec|fixture)\\.ts$', '^apps/[^/]+/test/', '^apps/e2e/', '^libs/testing/'];

/** What a process or a thread starts with, or a library's door. */
const ENTRIES = [
  '^apps/[^/]+/src/(main|worker|verify-ledger)\\.ts$',
  '^apps/[^/]+/src/[^/]+/[^/]+-thread\\.ts$',
  '^libs/[^/]+/src/index\\.ts$',
];

/** npm packages without effects: the same input always gives the same output. */
const PURE_PACKAGES = ['zod', 'canonicalize', 'ajv', 'ajv-formats', 'gpt-tokenizer'];

const npm = (names) => `(^|/)node_modules/(${names.join('|')})/|^(${names.join('|')})(/|$)`;
const libs = (names) => `^libs/(${names.join('|')})/`;
const known = Object.values(LAYERS).flat();

const betweenProjects = [
  {
    name: 'no-app-to-app',
    comment: 'Services meet in contracts and on NATS, so that each can be deployed alone.',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'libs-below-apps',
    comment: 'A library serves every app and so knows none.',
    from: { path: '^libs/' },
    to: { path: '^apps/' },
  },
  {
    name: 'libs-have-a-layer',
    comment: 'Give a new library its place in LAYERS of .dependency-cruiser.cjs.',
    from: { path: '^libs/', pathNot: libs([...known, 'testing']) },
    to: {},
  },
  ...Object.entries(LAYERS).map(([layer, members], index, layers) => ({
    name: `libs-in-layers-${layer}`,
    comment:
      'Libraries import only from lower layers, so that each can be understood without those above it.',
    from: { path: `^libs/(${members.join('|')})/`, pathNot: TESTS },
    to: { path: libs(layers.slice(index).flatMap(([, names]) => names)), pathNot: '^libs/$1/' },
  })),
  {
    name: 'front-door',
    comment: 'A library is used through src/index.ts alone: what is behind it may change freely.',
    from: { path: '^(apps|libs)/([^/]+)/' },
    to: { path: '^libs/[^/]+/(?!src/index\\.ts$)|^@magistry/[^/]+/', pathNot: '^$1/$2/' },
  },
  {
    name: 'front-door-by-name',
    comment:
      'A library is imported as @magistry/<name>: a relative path would bundle its source into the importer.',
    from: { path: '^(apps|libs)/([^/]+)/' },
    to: { path: '^libs/[^/]+/src/index\\.ts$', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
  },
];

const insideAnApp = [
  {
    name: 'domain-imports-nothing',
    comment:
      'Rules stay pure and readable: contracts, errors and lists, hashes, and packages without effects, heavy ones at their first use.',
    from: { path: '^apps/([^/]+)/src/domain/', pathNot: TESTS },
    to: {
      pathNot: [
        '^apps/$1/src/domain/',
        libs(['contracts', 'errors', 'lists']),
        '^(node:)?(crypto|module)$',
        npm(PURE_PACKAGES),
      ],
    },
  },
  {
    name: 'storage-knows-domain-alone',
    comment: 'Storage turns rows into domain objects and back; it starts nothing.',
    from: { path: '^apps/([^/]+)/src/storage/', pathNot: TESTS },
    to: { path: '^apps/', pathNot: '^apps/$1/src/(storage|domain)/' },
  },
  {
    name: 'inner-folders-below-operations',
    comment:
      'What operations are made of (writer, ledger, sender) knows neither them nor how the app is put together.',
    from: { path: '^apps/([^/]+)/src/(writer|ledger|sender)/', pathNot: TESTS },
    to: { path: '^apps/$1/src/(operations/|jobs/|[^/]+\\.ts$)' },
  },
  {
    name: 'operations-below-controllers',
    comment: 'An operation knows nothing of what calls it or how the app is put together.',
    from: { path: '^apps/([^/]+)/src/operations/', pathNot: TESTS },
    to: { path: '^apps/$1/src/(jobs/|[^/]+\\.ts$)' },
  },
  {
    name: 'controllers-call-operations',
    comment: 'A controller is a table of contents: one line a subject, no rule, no storage.',
    from: { path: '^apps/([^/]+)/src/[^/]+\\.controller\\.ts$' },
    to: { path: '^apps/', pathNot: '^apps/$1/src/operations/' },
  },
  {
    name: 'commands-stand-alone',
    comment: "An operator's command knows no other one, so that each can be read, added and removed alone.",
    from: { path: '^apps/([^/]+)/src/commands/', pathNot: TESTS },
    to: { path: '^apps/$1/src/(commands/|main\\.ts$|program\\.ts$)' },
  },
];

const oneImporter = [
  {
    name: 'one-importer-nats',
    comment:
      'The NATS client is behind @magistry/messaging, which drains, meets deadlines and names failures.',
    from: { path: PROJECTS, pathNot: ['^libs/messaging/', ...TESTS] },
    to: { path: npm(['@nats-io/[^/]+']) },
  },
  {
    name: 'one-importer-postgres',
    comment: "Only an app's storage/ and @magistry/persistence talk to Postgres.",
    from: { path: PROJECTS, pathNot: ['^apps/[^/]+/src/storage/', '^libs/persistence/', ...TESTS] },
    to: { path: npm(['pg']) },
  },
  {
    name: 'one-importer-redis',
    comment:
      "Redis is behind the gateway's admission/, which goes on without it, and @magistry/jobs, which waits for it.",
    from: { path: PROJECTS, pathNot: ['^apps/gateway/src/admission/', '^libs/jobs/', ...TESTS] },
    to: { path: npm(['ioredis']) },
  },
  {
    name: 'one-importer-queues',
    comment:
      '@magistry/jobs is the one door to BullMQ: names of jobs, what is kept of them, how work drains.',
    from: { path: PROJECTS, pathNot: ['^libs/jobs/', ...TESTS] },
    to: { path: npm(['bullmq']) },
  },
  {
    name: 'one-importer-http-client',
    comment: 'Requests to URLs that others chose go through @magistry/egress, which checks where they lead.',
    from: { path: PROJECTS, pathNot: ['^libs/egress/', ...TESTS] },
    to: { path: npm(['undici']) },
  },
  {
    name: 'one-importer-prisma',
    comment: "Only an app's storage/ knows Prisma and the client generated for it.",
    from: { path: PROJECTS, pathNot: ['^apps/[^/]+/src/storage/', '^libs/persistence/', ...TESTS] },
    to: { path: [npm(['@prisma/[^/]+']), '^apps/[^/]+/src/storage/generated/'] },
  },
  {
    name: 'one-importer-prometheus',
    comment: 'Metrics are declared through @magistry/telemetry, where checks of dashboards find them all.',
    from: { path: PROJECTS, pathNot: ['^libs/telemetry/', ...TESTS] },
    to: { path: npm(['prom-client']) },
  },
  {
    name: 'one-importer-opentelemetry',
    comment:
      '@magistry/telemetry decides whether anything is traced; without a collector a span costs nothing.',
    from: { path: PROJECTS, pathNot: ['^libs/telemetry/', ...TESTS] },
    to: { path: npm(['@opentelemetry/[^/]+']) },
  },
];

const hygiene = [
  {
    name: 'source-imports-no-test',
    comment: 'What runs in production does not depend on specs and their fixtures.',
    from: { path: PROJECTS, pathNot: TESTS },
    to: { path: ['\\.(spec|fixture)\\.ts$', '^apps/[^/]+/test/'] },
  },
  {
    name: 'source-imports-no-tooling',
    comment: 'A service is deployed without infra/ and tools/, which start and test it.',
    from: { path: PROJECTS, pathNot: TESTS },
    to: { path: '^(infra|tools|docs)/' },
  },
  {
    name: 'testing-for-tests',
    comment: '@magistry/testing makes and drops databases: never in production.',
    from: { path: PROJECTS, pathNot: TESTS },
    to: { path: '^libs/testing/' },
  },
  {
    name: 'no-circular',
    comment:
      'Files that need each other at run time are one file, or miss a third. Type imports are no cycle.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-orphans',
    comment: 'A source file that no entry reaches is dead: use it or delete it.',
    from: { path: ENTRIES },
    to: { path: '^(apps|libs)/[^/]+/src/', pathNot: [...TESTS, ...ENTRIES, '/generated/'], reachable: false },
  },
  {
    name: 'resolvable',
    comment:
      'An import that leads nowhere escapes every other rule; run "npm run generate" if it is generated.',
    from: {},
    to: { couldNotResolve: true, pathNot: '^@magistry/[^/]+/' },
  },
];

module.exports = {
  forbidden: [...betweenProjects, ...insideAnApp, ...oneImporter, ...hygiene].map((rule) => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    doNotFollow: { path: ['node_modules', '/generated/'] },
    exclude: { path: '^(apps|libs)/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['magistry-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
