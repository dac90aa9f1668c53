import { beginTalks, followAll, followLate, MemoryWatch } from './followers.fixture.js';
import { report } from './kills.fixture.js';
import { PrivateSystem } from './private-system.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';

const WISH = { messages: 50, followers: 20, words: 90, wordMs: 600 };
const START_MS_MAX = 120_000;
const MIB = 1024 * 1024;
const GROWTH_MAX = 1.15;
let home: PrivateSystem;
let agents: ScriptedAgents;

beforeAll(async () => {
  home = await PrivateSystem.start();
  agents = await ScriptedAgents.open(home.system);
}, START_MS_MAX);
afterAll(async () => {
  await agents?.close();
  await home?.stop();
}, START_MS_MAX);

test('1,000 followers of 50 live messages get every event once, and memory stays flat', async () => {
  const workspace = await agents.workspace({ time_limit_s: 300 });
  const ids = await beginTalks(workspace, WISH);
  const watch = new MemoryWatch(agents, ['gateway', 'agents']);
  const all = followAll(agents, workspace, ids, WISH.followers);
  const late = followLate(agents, workspace, ids[0] ?? '', all);
  const got = await all;
  watch.stop();

  let deliveries = 0;
  for (const [id, followers] of got) {
    const told = await agents.database.query(
      'SELECT event_id AS id FROM agents.run_event WHERE run_id = $1 AND event_id IS NOT NULL ORDER BY event_id',
      [id],
    );
    const expected = told.rows.map((row) => row.id);
    expect(expected.length).toBeGreaterThan(WISH.words / 2);
    for (const events of followers) {
      deliveries += events.length;
      expect(events.map((event) => event.id)).toEqual(expected);
    }
  }
  const text = await late;
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(text.match(/^id: \d+$/gm)).toEqual(got.get(ids[0] ?? '')?.[0]?.map(({ id }) => `id: ${id}`));
  for (const name of ['gateway', 'agents']) {
    const { before, after } = watch.growth(name);
    report(
      `${name}: ${Math.round(before / MIB)} MiB in the second quarter, ${Math.round(after / MIB)} in the last`,
    );
    expect(after).toBeLessThan(before * GROWTH_MAX);
  }
  report(
    `${ids.length * WISH.followers} followers of ${ids.length} messages: ${deliveries} events, each once`,
  );
}, 400_000);
