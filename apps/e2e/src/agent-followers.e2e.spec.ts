import { beginTalks, followAll, followLate } from './followers.fixture.js';
import { HELD_GROWTH_MAX, HeldMemoryOverRounds } from './held-memory.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';
import { systemUnderTest } from './system.fixture.js';

const WISH = { messages: 5, followers: 30, words: 15, wordMs: 50 };
const ROUNDS = 3;
let agents: ScriptedAgents;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
});
afterAll(() => agents.close());

test('followers of live messages get the same events, each once, and leave nothing behind', async () => {
  await round();
  const held = await HeldMemoryOverRounds.of(agents.system, ['gateway', 'agents']);
  for (let count = 0; count < ROUNDS; count += 1) {
    await round();
    await held.measure();
  }
  await held.close();
  expect(held.growth('gateway')).toBeLessThan(HELD_GROWTH_MAX);
  expect(held.growth('agents')).toBeLessThan(HELD_GROWTH_MAX);
}, 90_000);

async function round(): Promise<void> {
  const workspace = await agents.workspace();
  const ids = await beginTalks(workspace, WISH);
  const all = followAll(agents, workspace, ids, WISH.followers);
  const late = followLate(agents, workspace, ids[0] ?? '', all);
  for (const followers of (await all).values()) {
    expect(followers).toHaveLength(WISH.followers);
    for (const events of followers) {
      expect(events).toEqual(followers[0]);
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)?.data.event).toBe('message.completed');
    }
  }
  expect((await late).match(/^id: \d+$/gm)?.length).toBe((await all).get(ids[0] ?? '')?.[0]?.length);
}
