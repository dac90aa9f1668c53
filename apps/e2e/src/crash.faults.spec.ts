import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeHome } from '../../../infra/local/home.ts';
import { Stack } from '../../../infra/local/stack.ts';
import { eventually } from './eventually.fixture.js';
import { expectNothingLostOrDoubled, killUnderLoad, report, untilAnswered } from './kills.fixture.js';
import { ProposalLoad } from './proposal-load.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, type RunningSystem, untilReady } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const CALLERS_EACH = 3;
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 10 * 60_000;

const random = new SeededRandom(chooseSeed());
let stack: Stack;
let system: RunningSystem;
let workspaces: Workspaces;
let load: ProposalLoad;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  stack = new Stack({
    home: mkdtempSync(join(tmpdir(), 'magistry-test-faults-')),
    services: true,
    restartPolicy: { healthyAfterMs: 2_000, longestDelayMs: 1_000 },
  });
  await stack.start();
  const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
  system = { gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder };
  workspaces = await Workspaces.open(system);
}, START_MS_MAX);
beforeEach(async () => {
  load = new ProposalLoad(await workspaces.createOnEachShard(), CALLERS_EACH);
});
afterEach(() => load.stop());
afterAll(async () => {
  await workspaces?.close();
  await stack.stop();
  removeHome(stack.home);
}, START_MS_MAX);

test.each([
  ['decisions', 20],
  ['postgres', 20],
  ['nats', 3],
])(
  'kill -9 of %s %i times in the middle of proposals loses and doubles none',
  async (name, times) => {
    await killUnderLoad(system, load, Array(times).fill(name), random);
    await load.stop();
    await expectNothingLostOrDoubled(system, load);
  },
  TEST_MS_MAX,
);

test(
  'killed in any order, one even before the other is back, none loses or doubles a decision',
  async () => {
    const names = ['decisions', 'postgres', 'nats', 'planner', 'identity'];
    for (let round = 0; round < 5; round += 1) {
      await pause(random.integer(200, 1_000));
      const pair = [0, 1].map(() => names[random.integer(0, names.length - 1)] ?? 'decisions');
      await Promise.all(pair.map((name) => killProcess(system, name)));
      report(`${pair.join(' and ')} killed; every shard answered ${await untilAnswered(load)} ms later`);
      await untilReady(system);
    }
    await load.stop();
    await expectNothingLostOrDoubled(system, load);
  },
  TEST_MS_MAX,
);

test(
  'a second decisions process serves alone once the first is dead for good',
  async () => {
    const second = await stack.startExtra({ service: 'decisions', name: 'decisions-2' });
    await eventually(START_MS_MAX, () =>
      expect(readFileSync(second.logPath, 'utf8')).toContain('"msg":"ready"'),
    );
    stack.processes.kill('decisions', 'SIGKILL');
    await stack.processes.end('decisions');
    report(`every shard answered ${await untilAnswered(load)} ms after the first process was killed`);
    await load.stop();
    await expectNothingLostOrDoubled(system, load);
  },
  TEST_MS_MAX,
);
