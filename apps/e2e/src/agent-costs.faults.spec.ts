import { report } from './kills.fixture.js';
import { LimitWatch } from './limit-watch.fixture.js';
import { PrivateSystem } from './private-system.fixture.js';
import { RandomRuns } from './random-runs.fixture.js';
import { RunBooks } from './run-books.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess } from './system.fixture.js';

const PROCESSES = ['agents', 'agents-2'];
const [RUNS, KILLS] = [1_000, 14];
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 12 * 60_000;

const random = new SeededRandom(chooseSeed());
let home: PrivateSystem;
let agents: ScriptedAgents;

beforeAll(async () => {
  report(`random runs of MAGISTRY_TEST_SEED=${random.seed}`);
  home = await PrivateSystem.start([{ service: 'agents', name: 'agents-2' }]);
  agents = await ScriptedAgents.open(home.system);
}, START_MS_MAX);
afterAll(async () => {
  await agents?.close();
  await home?.stop();
}, START_MS_MAX);

test(
  'a thousand random runs through kills of their processes: spans, runs, keys and workspace agree, no limit is passed',
  async () => {
    const runs = await RandomRuns.open(agents, random);
    const limits = await LimitWatch.open(agents.database, runs.workspace);
    const kill = (nth: number) => killProcess(home.system, PROCESSES[nth % PROCESSES.length] ?? 'agents');
    await runs.execute({ runs: RUNS, kills: KILLS, kill, report });
    const books = await RunBooks.of(agents, runs.workspace);
    const endings = JSON.stringify(await books.endings());
    report(`${books.runs.length} runs with sub-runs, ${books.entries.length} model calls: ${endings}`);
    report(
      `${books.workspaceMicros} micros; ${agents.place.effects.size} effects of ${agents.place.asked} requests`,
    );
    report(`${books.chargedAsReserved} calls were charged as reserved`);
    report(`${agents.sentAgain} requests that began runs were sent again`);
    for (const { epoch, trees, timeouts, longestMs } of await books.stillnesses())
      report(
        `epoch ${epoch}: ${trees} trees, ${timeouts} by time limit, nothing happened for ${longestMs} ms at most`,
      );
    const byLimits = await books.endedByLimits();
    report(`${runs.refused} requests refused, and runs ended, by cost limits: ${JSON.stringify(byLimits)}`);
    // The workspace's limit and those of two keys: each is reached on the way.
    expect(Object.keys(byLimits)).toHaveLength(3);
    expect(await limits.passings()).toEqual([]);
    await limits.close();
    books.expectReservationsHeld();
    await books.expectLogsWhole();
    await books.expectLogsAgree();
    await books.expectSummariesAgree(runs.ids);
    await books.expectUsageAgrees();
    books.expectBegunOnce(runs.ids);
    await books.expectEffectsOnce();
  },
  TEST_MS_MAX,
);
