import { services } from '../../../infra/local/services.ts';
import { eventually } from './eventually.fixture.js';
import { report } from './kills.fixture.js';
import { PrivateSystem } from './private-system.fixture.js';
import { memoryBytes } from './system.fixture.js';

const PROCESSES = services.flatMap(({ name, workers = [] }) => [
  name,
  ...workers.map((worker) => worker.name),
]);
const MIB = 1024 * 1024;
const IDLE_MIB_MAX = 150;
const START_MS_MAX = 120_000;
/** Each process gives back what starting took when it is ready; the system has said so before the last page is gone. */
const IDLE_MS_MAX = 5_000;
let home: PrivateSystem;

beforeAll(async () => {
  home = await PrivateSystem.start();
}, START_MS_MAX);
afterAll(() => home?.stop(), START_MS_MAX);

test('a service that has nothing to do takes less than 150 MiB', async () => {
  const takes = () => PROCESSES.map((name) => [name, memoryBytes(home.system, name) / MIB] as const);
  await eventually(IDLE_MS_MAX, () => {
    expect(takes().filter(([, mebibytes]) => mebibytes >= IDLE_MIB_MAX)).toEqual([]);
  });
  report(
    takes()
      .map(([name, mebibytes]) => `${name} ${Math.round(mebibytes)} MiB`)
      .join(', '),
  );
});
