import { decisions } from '@magistry/contracts';
import { eventually } from './eventually.fixture.js';
import { ExtraProcess } from './extra-process.fixture.js';
import { expectNothingLostOrDoubled, killUnderLoad, report, untilAnswered } from './kills.fixture.js';
import { range } from './ledger.fixture.js';
import { ProposalLoad } from './proposal-load.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const CALLERS_EACH = 3;
const TAKE_OVER_MS_MAX = 5_000;
const TEST_MS_MAX = 90_000;

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let workspaces: Workspaces;
let load: ProposalLoad;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  workspaces = await Workspaces.open(system);
});
beforeEach(async () => {
  load = new ProposalLoad(await workspaces.createOnEachShard(), CALLERS_EACH);
});
afterEach(() => load.stop());
afterAll(() => workspaces?.close());

test.each([
  ['decisions', ['decisions', 'decisions', 'decisions']],
  ['Postgres', ['postgres', 'postgres', 'postgres']],
])(
  'kill -9 of %s three times in the middle of proposals loses and doubles none',
  async (_, names) => {
    await killUnderLoad(system, load, names, random);
    await load.stop();
    await expectNothingLostOrDoubled(system, load);
  },
  TEST_MS_MAX,
);

test(
  'a second decisions process takes every shard over when the first dies, and gives it back when it stops',
  async () => {
    const allShards = range(0, decisions.LEDGER_SHARDS - 1);
    const second = await ExtraProcess.start(system, 'decisions');
    try {
      expect(second.shards).toEqual([]);
      await killProcess(system, 'decisions');
      const outageMs = await untilAnswered(load);
      report(`every shard answered ${outageMs} ms after the first process was killed`);
      await eventually(TAKE_OVER_MS_MAX, () => expect(second.shards).toEqual(allShards));
    } finally {
      await second.stop();
    }
    await untilAnswered(load);
    await load.stop();
    await expectNothingLostOrDoubled(system, load);
  },
  TEST_MS_MAX,
);
