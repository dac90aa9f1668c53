import { setTimeout as pause } from 'node:timers/promises';
import { streamedEvents } from './event-stream.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { report } from './kills.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script, ScriptedTurn } from './scripted-model.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const PATH = '/api/v1/messages';
const QUEUED = 20;
const ROUNDS = 24;
const REJECTING_ROUNDS = 8;
const AT_ONCE = 4;
/** An answer of these words takes about as long as a race is wide. */
const WORD_MS = 10;
const WORDS = 'one two three four five ';
const ENDED_MS_MAX = 30_000;

const random = new SeededRandom(chooseSeed());
let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;

beforeAll(async () => {
  report(`races of MAGISTRY_TEST_SEED=${random.seed}`);
  agents = await ScriptedAgents.open(systemUnderTest());
});
beforeEach(async () => {
  home = await agents.workspace();
  const wanted = { name: 'Widget', agent: LEVELS[0] };
  const { json } = await home.client.write('POST', '/api/v1/integrations', wanted);
  client = home.client.withKey(json.data.key);
});
afterAll(() => agents.close());

function say(session_id: string, turns: readonly ScriptedTurn[], more = {}): Promise<Answered> {
  const content = JSON.stringify({ turns } satisfies Script);
  return client.send(PATH, { method: 'POST', body: { content, session_id, stream: true, ...more } });
}

interface Ended {
  readonly id: string;
  readonly session_id: string;
  readonly status: string;
  readonly terminal: readonly string[];
  readonly turn: number;
}

/** Every message of the workspace as the database has it, by turn; `terminal` are the entries that end a log. */
async function endedMessages(): Promise<Ended[]> {
  await agents.untilAllEnded(home, ENDED_MS_MAX);
  const { rows } = await agents.database.query(
    `SELECT id, session_id, status, turn, ARRAY(SELECT event ->> 'kind' FROM agents.run_event e
       WHERE e.workspace_id = run.workspace_id AND e.run_id = run.id
         AND event ->> 'kind' IN ('finished', 'failed', 'cancelled')) AS terminal
     FROM agents.run WHERE workspace_id = $1 AND kind = 'message' ORDER BY session_id, turn`,
    [home.id],
  );
  return rows;
}

/** Nothing stays reserved, also of calls whose answer came behind the end of their message. */
async function expectNothingReserved(): Promise<void> {
  const text =
    'SELECT count(*)::int4 AS calls FROM agents.cost_entry WHERE workspace_id = $1 AND spent_micros IS NULL';
  const deadline = performance.now() + ENDED_MS_MAX;
  for (;;) {
    const { rows } = await agents.database.query(text, [home.id]);
    if (rows[0].calls === 0) return;
    if (performance.now() > deadline) throw new Error(`${rows[0].calls} calls stay reserved`);
    await pause(50);
  }
}

async function rounds(count: number, round: (number: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const take = async () => {
    while (begun < count) {
      begun += 1;
      await round(begun);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
}

const endOf = ({ text }: Answered) => streamedEvents(text).at(-2)?.data;
const waitMs = () => random.integer(0, 12 * WORD_MS);

test('twenty queued messages are answered in order and once, whose process is killed in the middle', async () => {
  const sent = Array.from({ length: QUEUED }, (_, index) =>
    say('queue', [
      { calls: [agents.place.effect({ index })] },
      { says: `Answer ${index}.`, wordMs: WORD_MS },
    ]),
  );
  await untilKept(QUEUED);
  await pause(random.integer(0, 30 * WORD_MS));
  await killProcess(agents.system, 'agents');
  const answers = await Promise.all(sent);
  const messages = await endedMessages();
  expect(messages).toHaveLength(QUEUED);
  expect(messages.map(({ turn }) => turn)).toEqual(messages.map((_, index) => index + 1));
  expect(messages.map(({ terminal }) => terminal)).toEqual(messages.map(() => ['finished']));
  const { rows } = await agents.database.query(
    `SELECT id FROM agents.run WHERE workspace_id = $1 AND kind = 'message' ORDER BY ended_at, turn`,
    [home.id],
  );
  expect(rows.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  const effects = [...agents.place.effects.keys()].filter((key) =>
    messages.some(({ id }) => key.startsWith(id)),
  );
  expect(effects).toHaveLength(messages.length);
  for (const answer of answers) expect(endOf(answer)).toMatchObject({ event: 'message.completed' });
}, 90_000);

test('of messages at once that do not wait, one is taken and the others are 409, in every session', async () => {
  await rounds(REJECTING_ROUNDS, async (round) => {
    const label = `rejecting-${home.id}-${round}`;
    const turns: ScriptedTurn[] = [{ says: WORDS, fault: 'drones', label }];
    const session = `rejecting-${round}`;
    const sent = [1, 2, 3].map(() => say(session, turns, { on_busy: 'reject' }));
    await agents.model.untilOpen(label);
    const told = await firstOf(sent, 2);
    expect(told.map(({ status, json }) => [status, json.error.code])).toEqual(
      [1, 2].map(() => [409, 'conflict']),
    );
    const { json } = await client.get(`${PATH}?session_id=${session}`);
    expect(json.data.map(({ status }: { status: string }) => status)).toEqual(['running']);
    await client.send(`${PATH}/${json.data[0].id}`, { method: 'DELETE' });
    await Promise.all(sent);
  });
}, 60_000);

test('a message that interrupts one which ends at that moment leaves one end of it, and is answered', async () => {
  const interrupted: Record<string, number> = {};
  await rounds(ROUNDS, async (round) => {
    const session = `interrupting-${round}`;
    const first = say(session, [{ says: WORDS, wordMs: WORD_MS }]);
    await pause(waitMs());
    const second = await say(session, [{ says: 'Here.' }], { on_busy: 'interrupt' });
    expect(endOf(second)).toMatchObject({ event: 'message.completed' });
    const end = endOf(await first);
    expect(end).toMatchObject(
      end?.event === 'error' ? { error: { code: 'cancelled' } } : { event: 'message.completed' },
    );
    const { event } = end ?? {};
    interrupted[event] = (interrupted[event] ?? 0) + 1;
  });
  report(`interrupted messages ended so: ${JSON.stringify(interrupted)}`);
  for (const { status, terminal } of await endedMessages())
    expect(terminal).toEqual([status === 'success' ? 'finished' : 'cancelled']);
  await expectNothingReserved();
}, 60_000);

test('a message that is cancelled as it ends has the end that the cancelling was told, and one alone', async () => {
  const told: Record<string, number> = {};
  await rounds(ROUNDS, async (round) => {
    const session = `cancelling-${round}`;
    const first = say(session, [{ says: WORDS, wordMs: WORD_MS }]);
    const id = await untilListed(session);
    await pause(waitMs());
    const [{ json }, again] = (await Promise.all(
      [1, 2].map(() => client.send(`${PATH}/${id}`, { method: 'DELETE' })),
    )) as [Answered, Answered];
    expect(again.json).toEqual(json);
    expect(endOf(await first)?.event).toBe(json.status === 'success' ? 'message.completed' : 'error');
    told[json.status] = (told[json.status] ?? 0) + 1;
  });
  report(`cancelled messages ended so: ${JSON.stringify(told)}`);
  const ended = await endedMessages();
  expect(ended).toHaveLength(ROUNDS);
  for (const { status, terminal } of ended)
    expect(terminal).toEqual([status === 'success' ? 'finished' : 'cancelled']);
  await expectNothingReserved();
}, 60_000);

async function untilListed(session: string): Promise<string> {
  for (;;) {
    const { json } = await client.get(`${PATH}?session_id=${session}`);
    if (json.data.length > 0) return json.data[0].id;
    await pause(5);
  }
}

async function untilKept(count: number): Promise<void> {
  const text = `SELECT count(*)::int4 AS kept FROM agents.run WHERE workspace_id = $1 AND kind = 'message'`;
  for (;;) {
    const { rows } = await agents.database.query(text, [home.id]);
    if (rows[0].kept >= count) return;
    await pause(5);
  }
}

/** Those of the answers that come first. */
function firstOf(answers: readonly Promise<Answered>[], count: number): Promise<Answered[]> {
  const first: Answered[] = [];
  return new Promise((resolve, reject) => {
    for (const answer of answers)
      answer.then((answered) => {
        first.push(answered);
        if (first.length === count) resolve(first);
      }, reject);
  });
}
