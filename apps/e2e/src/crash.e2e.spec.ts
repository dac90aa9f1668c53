import { decisions } from '@magistry/contracts';
import { DecisionsProcess } from './decisions-process.fixture.js';
import { eventually } from './eventually.fixture.js';
import { expectNothingLostOrDoubled, killUnderLoad, report, since, untilAnswered } from './kills.fixture.js';
import { range } from './ledger.fixture.js';
import { ProposalLoad } from './proposal-load.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const CALLERS_EACH = 3;
const TAKE_OVER_MS_MAX = 5_000;

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let workspaces: Workspaces;
let onEachShard: TestWorkspace[];
let load: ProposalLoad;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  workspaces = await Workspaces.open(system);
  onEachShard = await Promise.all(range(1, decisions.LEDGER_SHARDS).map(() => workspaces.createOpen()));
  expect(new Set(onEachShard.map(({ id }) => decisions.shardOf(id))).size).toBe(decisions.LEDGER_SHARDS);
});
beforeEach(() => {
  load = new ProposalLoad(onEachShard, CALLERS_EACH);
});
afterEach(() => load.stop());
afterAll(() => workspaces.close());
