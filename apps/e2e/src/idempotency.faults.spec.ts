import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHome } from '../../../infra/local/home.ts';
import { Stack } from '../../../infra/local/stack.ts';
import { Copies, type Fault } from './copies.fixture.js';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const KEYS = Number(process.env['MAGISTRY_TEST_KEYS'] || 10_000);
const ROUNDS = 4;
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 30 * 60_000;
const FAULTS: readonly Fault[] = [
  'flush redis',
  'kill gateway',
  'kill decisions',
  'kill second gateway',
  'kill redis',
  'flush redis',
  'kill planner',
];

const random = new SeededRandom(chooseSeed());
let stack: Stack;
let workspaces: Workspaces;
let copies: Copies;

beforeAll(async () => {
  report(`copies of MAGISTRY_TEST_SEED=${random.seed}`);
  stack = new Stack({
    home: mkdtempSync(join(tmpdir(), 'magistry-test-faults-')),
    services: true,
    restartPolicy: { healthyAfterMs: 2_000, longestDelayMs: 1_000 },
  });
  await stack.start();
  const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
  const system = { gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder };
  workspaces = await Workspaces.open(system);
  copies = await Copies.open(system, workspaces, random);
}, START_MS_MAX);
afterAll(async () => {
  await copies?.close();
  await workspaces?.close();
  await stack.stop();
  removeHome(stack.home);
}, START_MS_MAX);

test(
  'ten thousand keys, 2 to 20 copies each over two gateways, flushed and killed meanwhile: one effect a key',
  async () => {
    await copies.run(KEYS, Array<readonly Fault[]>(ROUNDS).fill(FAULTS).flat());
    await copies.expectOneEffectEach();
  },
  TEST_MS_MAX,
);
