import { report } from './kills.fixture.js';
import { LimitWatch } from './limit-watch.fixture.js';
import { RandomRuns } from './random-runs.fixture.js';
import { RunBooks } from './run-books.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let agents: ScriptedAgents;
let second: ServiceProcess;

beforeAll(async () => {
  report(`random runs of MAGISTRY_TEST_SEED=${random.seed}`);
  agents = await ScriptedAgents.open(system);
  second = await ServiceProcess.start(system, 'agents');
}, 30_000);
afterAll(async () => {
  await second?.stop();
  await agents?.close();
});

test('sixty random runs through a kill: log, ledger and API agree, and no limit is passed', async () => {
  const runs = await RandomRuns.open(agents, random);
  const limits = await LimitWatch.open(agents.database, runs.workspace);
  await runs.execute({ runs: 60, kills: 1, kill: () => killProcess(system, 'agents'), report });
  const books = await RunBooks.of(agents, runs.workspace);
  report(
    `${books.runs.length} runs, ${books.workspaceMicros} micros: ${JSON.stringify(await books.endings())}`,
  );
  report(
    `${runs.refused} requests refused, runs ended by limits: ${JSON.stringify(await books.endedByLimits())}`,
  );
  expect(await limits.passings()).toEqual([]);
  await limits.close();
  books.expectReservationsHeld();
  await books.expectLogsWhole();
  await books.expectLogsAgree();
  await books.expectSummariesAgree(runs.ids);
  await books.expectUsageAgrees();
  books.expectBegunOnce(runs.ids);
  await books.expectEffectsOnce();
}, 150_000);
