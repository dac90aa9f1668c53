import { setTimeout as pause } from 'node:timers/promises';
import { follow } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import { report } from './kills.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script } from './scripted-model.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const FOLLOWED_MS_MAX = 20_000;
const WORDS = 'It was a dark and stormy night and the rain fell in torrents except at occasional intervals';

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let agents: ScriptedAgents;
let home: TestWorkspace;
let second: ServiceProcess | undefined;

beforeAll(async () => {
  report(`kill moment of MAGISTRY_TEST_SEED=${random.seed}`);
  agents = await ScriptedAgents.open(system);
  home = await agents.workspace();
});
afterAll(async () => {
  await second?.stop();
  await agents?.close();
});

test('who follows a message over the kill of its process gets every event once', async () => {
  second = await ServiceProcess.start(system, 'agents');
  const script: Script = {
    turns: [
      { thinks: 'To be booked first.', calls: [agents.place.effect({ guest: 'follower' })] },
      { thinks: 'Then told.', says: WORDS, wordMs: 60 },
    ],
  };
  const body = { content: JSON.stringify(script), agent: LEVELS[3], verbosity: 'full', stream: true };
  const sent = home.client.send('/api/v1/messages', { method: 'POST', body });
  const id = await untilListed();
  const following = follow(`${system.gatewayUrl}/api/v1/messages/${id}/events`, home.key);
  await following.until(7 + random.integer(0, 6));
  await killProcess(system, 'agents');
  await second.kill();
  second = undefined;
  // A client of a message's events comes back behind their end, and is told of it again.
  await eventually(FOLLOWED_MS_MAX, () => expect(following.events.at(-1)?.data).toBe('[DONE]'));
  following.close();
  const { events } = following;
  const { text } = await sent;
  const shown = events.filter(({ data }) => data !== '[DONE]');
  expect(shown.map((event) => event.id)).toEqual(shown.map((_, index) => index + 1));
  const said = shown.filter(({ data }) => data.event === 'text.chunk').map(({ data }) => data.delta);
  expect(said.join('')).toBe(WORDS);
  expect(shown.at(-1)?.data.event).toBe('message.completed');
  expect(text.match(/^data: .*$/gm)?.slice(0, -1)).toEqual(
    shown.map(({ data }) => `data: ${JSON.stringify(data)}`),
  );
}, 60_000);

async function untilListed(): Promise<string> {
  for (;;) {
    const { json } = await home.client.get('/api/v1/messages');
    if (json.data.length > 0) return json.data[0].id;
    await pause(20);
  }
}
