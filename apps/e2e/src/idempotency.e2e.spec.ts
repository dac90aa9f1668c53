import { Copies } from './copies.fixture.js';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const KEYS = 500;
const TEST_MS_MAX = 180_000;
const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let workspaces: Workspaces;
let copies: Copies;

beforeAll(async () => {
  report(`copies of MAGISTRY_TEST_SEED=${random.seed}`);
  workspaces = await Workspaces.open(system);
  copies = await Copies.open(system, workspaces, random);
});
afterAll(async () => {
  await copies?.close();
  await workspaces?.close();
});

// Ten thousand keys: idempotency.faults.spec.ts.
test(
  '500 keys, 2 to 20 copies each over two gateways, flushed and killed meanwhile: one effect a key',
  async () => {
    await copies.run(KEYS, [
      'flush redis',
      'kill second gateway',
      'kill decisions',
      'kill redis',
      'flush redis',
      'kill gateway',
    ]);
    await copies.expectOneEffectEach();
  },
  TEST_MS_MAX,
);
