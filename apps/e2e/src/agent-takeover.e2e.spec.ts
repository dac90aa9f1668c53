import { setTimeout as pause } from 'node:timers/promises';
import { follow } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import { report } from './kills.fixture.js';
import { ask, LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script } from './scripted-model.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const RUNS = 10;
const STAGGER_MS = 40;
/** A lease of 6 s, the second in which it is looked for, and the rest of the run. */
const TAKEN_OVER_MS_MAX = 10_000;
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

/** Has two effects outside, one of them of a sub-agent. */
function booking(guest: string): Script {
  const book = (seat: string) => agents.place.effect({ guest, seat });
  const below = ask(2, {
    turns: [
      { calls: [book('B2')], tokens: [20, 30] },
      { says: 'Booked below.', wordMs: 5 },
    ],
  });
  return {
    turns: [
      { calls: [book('A1')], tokens: [40, 50] },
      { calls: [below], tokens: [60, 70] },
      { says: 'All is booked.', wordMs: 5, tokens: [80, 90] },
    ],
  };
}

/** All that a run leaves behind, but for its ids and times. */
async function tell(id: string, guest: string): Promise<unknown> {
  const { rows } = await agents.database.query(
    `SELECT r.id, r.status, r.outcome, (SELECT json_agg(e.event ORDER BY e.sequence) FROM agents.run_event e
         WHERE e.workspace_id = r.workspace_id AND e.run_id = r.id AND e.event ->> 'kind' <> 'model-called') AS log,
       (SELECT json_agg(json_build_array(c.call, c.spent_micros, c.prompt_tokens, c.completion_tokens) ORDER BY c.call)
         FROM agents.cost_entry c WHERE c.workspace_id = r.workspace_id AND c.run_id = r.id) AS costs
     FROM agents.run r WHERE r.workspace_id = $1 AND r.root_id = $2 ORDER BY r.created_at, r.id DESC`,
    [home.id, id],
  );
  const keys = [...agents.place.effects].filter(([key]) => rows.some((row) => key.startsWith(row.id)));
  const told = JSON.stringify({
    rows,
    effects: keys.map(([key, effect]) => [key, JSON.parse(effect)]).sort(),
  });
  const named = rows.reduce((text: string, row, index) => text.replaceAll(row.id, `run ${index}`), told);
  return JSON.parse(named.replaceAll(guest, 'guest'));
}

test('runs whose process is killed at any moment leave behind what an undisturbed one does', async () => {
  const undisturbed = await agents.begin(home, LEVELS[0], booking('guest-0'), 'undisturbed');
  await agents.untilAllEnded(home, TAKEN_OVER_MS_MAX);
  const expected = await tell(undisturbed, 'guest-0');
  expect(expected).toMatchObject({ rows: [{ status: 'success' }, { status: 'success' }] });
  const ids: string[] = [];
  for (let run = 1; run <= RUNS; run += 1) {
    ids.push(await agents.begin(home, LEVELS[0], booking(`guest-${run}`), `run-${run}`));
    await pause(STAGGER_MS);
  }
  await pause(random.integer(0, 2 * STAGGER_MS));
  await killProcess(system, 'agents');
  const { rows } = await agents.database.query(
    `SELECT coalesce(max(sequence) FILTER (WHERE kind = 'main' AND status = 'running'), 0)::int4 AS "furthest",
       count(*) FILTER (WHERE kind = 'main' AND status = 'running')::int4 AS open
     FROM agents.run WHERE workspace_id = $1`,
    [home.id],
  );
  report(`${rows[0].open} of ${RUNS} runs were open at the kill, the furthest at entry ${rows[0].furthest}`);
  await agents.untilAllEnded(home, TAKEN_OVER_MS_MAX);
  for (const [index, id] of ids.entries())
    expect({ index, told: await tell(id, `guest-${index + 1}`) }).toEqual({ index, told: expected });
}, 60_000);

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
