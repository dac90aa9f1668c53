import { publicOperations } from '@magistry/contracts';
import fc from 'fast-check';
import type { GatewayClient } from './gateway.fixture.js';
import { report } from './kills.fixture.js';
import { verifyLedger } from './ledger.fixture.js';
import { expectSaneAnswer } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { chooseSeed } from './seeded-random.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const system = systemUnderTest();
const seed = chooseSeed();
const TEST_MS_MAX = 60_000;

let workspaces: Workspaces;
let client: GatewayClient;

beforeAll(async () => {
  report(`generated input of MAGISTRY_TEST_SEED=${seed}`);
  workspaces = await Workspaces.open(system);
  ({ client } = await workspaces.createOpen());
});
afterAll(() => workspaces?.close());

const anyCodeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));
const anyText = fc.oneof(fc.string({ unit: 'binary' }), anyCodeUnits, fc.constantFrom('__proto__', '\u0000'));
const anyValue = fc.oneof(fc.jsonValue(), anyText, fc.double(), fc.maxSafeInteger());

/** A valid proposal with some members changed, some missing and some strange ones beside them. */
const almostAProposal = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(aSmallStep('x'))), anyValue, { maxKeys: 2 }),
    fc.dictionary(anyText, anyValue, { maxKeys: 2 }),
    fc.constantFrom('', ...Object.keys(aSmallStep('x'))),
  )
  .map(([changes, strange, missing]) => {
    const members = Object.entries({ ...aSmallStep('generated'), ...changes, ...strange });
    return JSON.stringify(Object.fromEntries(members.filter(([name]) => name !== missing)));
  });
const anyBody = fc.oneof(
  almostAProposal,
  anyValue.map((value) => JSON.stringify(value) ?? ''),
  anyText,
);

const pathOf = (path: string, id: string) => path.replaceAll(/:\w+/g, encodeURIComponent(id));
const routes = publicOperations.flatMap((operation) => operation.routes);
const anyId = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.bigInt().map(String));

test(
  'no body makes a write answer 5xx, late or outside of the documented envelope',
  async () => {
    const writes = routes.filter(({ method }) => method !== 'GET');
    const property = fc.asyncProperty(fc.constantFrom(...writes), anyId, anyBody, async (route, id, body) => {
      expectSaneAnswer(await client.write(route.method, pathOf(route.path, id), body));
    });
    await fc.assert(property, { numRuns: 400, seed });
  },
  TEST_MS_MAX,
);

// What Node's client sends in a path: visible ASCII.
const anyPathText = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
});

test(
  'no path or query makes a read answer 5xx, late or outside of the documented envelope',
  async () => {
    const parameters = fc.constantFrom('limit', 'cursor', 'since', 'order', 'subject', 'status', '__proto__');
    const anyQuery = fc
      .array(
        fc.tuple(fc.oneof(parameters, anyPathText), fc.oneof(anyPathText, anyId.map(encodeURIComponent))),
      )
      .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
    const anyPath = fc.oneof(
      anyPathText.map((text) => `/${text}`),
      fc.tuple(fc.constantFrom(...routes), anyId).map(([route, id]) => pathOf(route.path, id)),
      anyPathText.map((text) => `/v1/decisions/${text}`),
    );
    const property = fc.asyncProperty(anyPath, anyQuery, async (path, query) => {
      expectSaneAnswer(await client.get(`${path}?${query}`));
    });
    await fc.assert(property, { numRuns: 400, seed });
  },
  TEST_MS_MAX,
);

test('what got through is a ledger that verifies', async () => {
  expect(await verifyLedger(system)).toMatch(/^✓ \d+ rows verified$/);
});
