import { beginTalks, followAll, followLate } from './followers.fixture.js';
import { HELD_GROWTH_MAX, HeldMemoryOverRounds } from './held-memory.fixture.js';
import { report } from './kills.fixture.js';
import { PrivateSystem } from './private-system.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';

const WISH = { messages: 50, followers: 20, words: 20, wordMs: 400 };
const ROUNDS = 9;
const PROCESSES = ['gateway', 'agents'] as const;
const START_MS_MAX = 120_000;
const ROUND_MS_MAX = 90_000;
const MIB = 1024 * 1024;
/** Up to 350 MiB were seen: 60 and 85 of live heap, V8's young generation, and what it lets lie until it has to. */
const RESIDENT_MIB_MAX = 448;
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

test(
  '1,000 followers of 50 live messages get every event once, round after round, and memory stays flat',
  async () => {
    const held = await HeldMemoryOverRounds.of(home.system, PROCESSES);
    let deliveries = await round();
    for (let count = 0; count < ROUNDS; count += 1) {
      deliveries += await round();
      await held.measure();
    }
    await held.close();
    report(`${WISH.messages * WISH.followers} followers at a time: ${deliveries} events, each once`);
    for (const name of PROCESSES) {
      expect(held.growth(name)).toBeLessThan(HELD_GROWTH_MAX);
      expect(held.mostResident(name) / MIB).toBeLessThan(RESIDENT_MIB_MAX);
    }
  },
  (ROUNDS + 1) * ROUND_MS_MAX,
);

/** Events that its followers have got, in sum. */
async function round(): Promise<number> {
  const workspace = await agents.workspace({ time_limit_s: 300 });
  const ids = await beginTalks(workspace, WISH);
  const all = followAll(agents, workspace, ids, WISH.followers);
  const late = followLate(agents, workspace, ids[0] ?? '', all);
  let deliveries = 0;
  for (const [id, followers] of await all) {
    const told = await agents.database.query(
      'SELECT event_id AS id FROM agents.run_event WHERE run_id = $1 AND event_id IS NOT NULL ORDER BY event_id',
      [id],
    );
    const expected = told.rows.map((row) => row.id);
    expect(expected.length).toBeGreaterThan(WISH.words / 2);
    expect(followers).toHaveLength(WISH.followers);
    for (const events of followers) {
      deliveries += events.length;
      expect(events.map((event) => event.id)).toEqual(expected);
    }
  }
  const text = await late;
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(text.match(/^id: \d+$/gm)).toEqual((await all).get(ids[0] ?? '')?.[0]?.map(({ id }) => `id: ${id}`));
  return deliveries;
}
