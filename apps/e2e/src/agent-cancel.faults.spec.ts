import { cancelTrees, expectAllCancelled } from './cancelled-trees.fixture.js';
import { report } from './kills.fixture.js';
import { PrivateSystem } from './private-system.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import { percentile } from './webhook-load.fixture.js';

const TREES = 240;
const CLOSED_MS_MAX = 250;
const START_MS_MAX = 120_000;
let home: PrivateSystem;
let agents: ScriptedAgents;

beforeAll(async () => {
  home = await PrivateSystem.start([{ service: 'agents', name: 'agents-2' }]);
  agents = await ScriptedAgents.open(home.system);
}, START_MS_MAX);
afterAll(async () => {
  await agents?.close();
  await home?.stop();
}, START_MS_MAX);

test("99 of 100 cancelled trees have closed their model's socket three levels below within 250 ms", async () => {
  const warm = await agents.workspace();
  await cancelTrees(agents, warm, { trees: 8, atOnce: 2 });
  const workspace = await agents.workspace();
  const durations = await cancelTrees(agents, workspace, { trees: TREES, atOnce: 2 });
  const [p50, p99] = [percentile(durations, 0.5), percentile(durations, 0.99)].map(Math.round);
  report(
    `${TREES} trees of ${LEVELS.length} levels: p50 ${p50} ms, p99 ${p99} ms until the socket was closed`,
  );
  await expectAllCancelled(agents, workspace, TREES * LEVELS.length);
  expect(p99).toBeLessThan(CLOSED_MS_MAX);
}, 600_000);
