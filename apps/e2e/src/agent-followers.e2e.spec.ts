import { beginTalks, followAll, followLate } from './followers.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';
import { systemUnderTest } from './system.fixture.js';

const WISH = { messages: 5, followers: 10, words: 20, wordMs: 50 };
let agents: ScriptedAgents;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
});
afterAll(() => agents.close());

test('every follower of live messages gets the same events, each once, one that is slow too', async () => {
  const workspace = await agents.workspace();
  const ids = await beginTalks(workspace, WISH);
  const all = followAll(agents, workspace, ids, WISH.followers);
  const late = followLate(agents, workspace, ids[0] ?? '', all);
  for (const followers of (await all).values()) {
    for (const events of followers) {
      expect(events).toEqual(followers[0]);
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      expect(events.at(-1)?.data.event).toBe('message.completed');
    }
  }
  expect((await late).match(/^id: \d+$/gm)?.length).toBe((await all).get(ids[0] ?? '')?.[0]?.length);
}, 60_000);
