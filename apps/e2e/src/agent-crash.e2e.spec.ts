import { eventually } from './eventually.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const RUNS = 12;
/** A lease of 6 s, the second in which it is seen, and what twelve runs take on a busy machine. */
const END_MS_MAX = 20_000;
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
});
afterAll(() => workspaces.close());

test('runs whose process is killed end as if it had not been', async () => {
  const path = '/api/v1/agents/offer-orchestrator-mag/run';
  const send = () =>
    home.client.write('POST', path, { payload: { role: 'Engineer' } }, { prefer: 'respond-async' });
  const accepted = await Promise.all(Array.from({ length: RUNS }, send));
  await killProcess(system, 'agents');
  const ids = accepted.map(({ json }) => json.run_id as string);
  const logs = await eventually(END_MS_MAX, async () => {
    const answers = await Promise.all(ids.map((id) => home.client.get(`/api/v1/runs/${id}`)));
    expect(answers.map(({ json }) => json.summary.status)).toEqual(ids.map(() => 'success'));
    return Promise.all(ids.map((id) => home.client.get(`/api/v1/runs/${id}/logs`)));
  });
  for (const { text } of logs) {
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event);
    expect(events).toEqual([
      ...['start', 'model_call', 'delegation', 'delegation_result', 'model_call', 'finish'],
    ]);
  }
}, 60_000);
