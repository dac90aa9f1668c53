import { KillSweep } from './kill-sweep.fixture.js';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { systemUnderTest } from './system.fixture.js';

/** `agent-kills.faults.spec.ts` kills at each of them. */
const KILLS = 3;

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let sweep: KillSweep;

beforeAll(async () => {
  report(`moments of kills of MAGISTRY_TEST_SEED=${random.seed}`);
  sweep = await KillSweep.open(system);
}, 40_000);
afterAll(() => sweep?.close());

test('a run whose process is killed at one of its commits leaves behind what an undisturbed one does', async () => {
  const { leavings, points } = await sweep.undisturbed();
  for (let kill = 0; kill < KILLS; kill += 1) {
    // One of each part of the run, but the first commit: its request is given up too late for a short test.
    const [from, to] = [(kill * points.length) / KILLS, ((kill + 1) * points.length) / KILLS - 1];
    const point = points[random.integer(Math.max(2, Math.ceil(from)), Math.floor(to))];
    if (!point) throw new Error('there is no such commit');
    const { leavings: left, goneOnMs, state } = await sweep.kill(point);
    expect({ point, leavings: left }).toEqual({ point, leavings });
    report(`${JSON.stringify(point)}: gone on from ${state} after ${Math.round(goneOnMs ?? 0)} ms`);
  }
}, 100_000);
