import { type SentTwice, sendTwice } from './failing-messages.fixture.js';
import type { GatewayClient } from './gateway.fixture.js';
import { ask, LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script, ScriptedTurn } from './scripted-model.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const CREDITS = '/api/v1/entitlements/check?feature=message_credits';
/** A model that fails is asked three times, 6 s apart in all. */
const CASES_MS_MAX = 60_000;
const TIME_LIMIT_S = 4;
const WORDS = 'It was a dark and stormy night ';
const NOTHING_INSIDE =
  /127\.0\.0\.1|localhost|node_modules|\.[jt]s:|\bat \w+ \(|SELECT|INSERT|agents\.|postgres/i;

type Turns = readonly ScriptedTurn[];
interface Failing {
  readonly name: string;
  readonly turns: (agents: ScriptedAgents) => Turns;
  /** Answered with; 502 unless it says 504. */
  readonly status?: 504;
  readonly why?: string;
  /** Told in the stream before it fails. */
  readonly words?: string;
}

const LOST = 'the model cannot be reached, or broke off';
const look = (agents: ScriptedAgents) => agents.place.effect({});
const below = (...turns: Turns) => ask(2, { turns });

const FAILING: readonly Failing[] = [
  { name: 'a model that refuses', turns: () => [{ fault: 'refuses' }], why: 'the model answered 400' },
  { name: 'a model that fails', turns: () => [{ fault: 'fails' }], why: 'the model answered 500' },
  { name: 'a model that garbles', turns: () => [{ fault: 'garbles' }], why: LOST },
  { name: 'a model that breaks off', turns: () => [{ fault: 'breaks off' }], why: LOST },
  { name: 'a model that hangs', turns: () => [{ fault: 'hangs' }], status: 504 },
  {
    name: 'a model that garbles in the middle of its words',
    turns: () => [{ says: WORDS, fault: 'garbles' }],
    ...{ why: LOST, words: WORDS },
  },
  {
    name: 'a model that breaks off in the middle of its words',
    turns: () => [{ says: WORDS, fault: 'breaks off' }],
    ...{ why: LOST, words: WORDS },
  },
  {
    name: 'a model that drones in the middle of its words',
    turns: () => [{ says: WORDS, fault: 'drones' }],
    ...{ status: 504, words: WORDS },
  },
  {
    name: 'a model that refuses behind its words and a tool',
    turns: (agents) => [{ says: WORDS, calls: [look(agents)] }, { fault: 'refuses' }],
    ...{ why: 'the model answered 400', words: WORDS },
  },
  {
    name: 'a model that hangs behind a tool',
    turns: (agents) => [{ calls: [look(agents)] }, { fault: 'hangs' }],
    status: 504,
  },
  { name: 'a tool that hangs', turns: ({ place }) => [{ calls: [place.silence()] }], status: 504 },
  {
    name: 'a sub-agent and then its agent, which fail',
    turns: () => [{ calls: [below({ says: 'Below.', fault: 'garbles' })] }, { fault: 'garbles' }],
    why: LOST,
  },
  {
    name: 'a sub-agent that hangs',
    turns: () => [{ says: WORDS, calls: [below({ fault: 'hangs' })] }],
    ...{ status: 504, words: WORDS },
  },
  {
    name: 'a sub-agent that drones',
    turns: () => [{ calls: [below({ says: 'Below.', fault: 'drones' })] }],
    status: 504,
  },
];

let agents: ScriptedAgents;
let patient: TestWorkspace;
let hurried: TestWorkspace;
const sent = new Map<string, Promise<SentTwice>>();

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  patient = await agents.workspace();
  hurried = await agents.workspace({ time_limit_s: TIME_LIMIT_S });
  const [ofPatient, ofHurried] = [await integrate(patient), await integrate(hurried)];
  // All at once: most of the time they wait.
  for (const { name, turns, status } of FAILING)
    sent.set(name, sendTwice(status === 504 ? ofHurried : ofPatient, name, { turns: turns(agents) }));
});
afterAll(() => agents.close());

async function integrate({ client }: TestWorkspace): Promise<GatewayClient> {
  const wanted = { name: 'Widget', agent: LEVELS[0] };
  const { json } = await client.write('POST', '/api/v1/integrations', wanted);
  return client.withKey(json.data.key);
}

async function creditsUsed({ client }: TestWorkspace): Promise<number> {
  return (await client.get(CREDITS)).json.current_usage;
}

function errorOf({ status, why }: Failing) {
  if (status === 504) return { code: 'timeout', message: 'The agent did not answer within its time limit.' };
  return { code: 'agent_error', message: `The run failed: ${why}.` };
}

describe.each(FAILING)('$name', (failing) => {
  const error = errorOf(failing);
  const both = async () => (await sent.get(failing.name)) as SentTwice;

  test(
    'is answered as seed 002 prints it, and tells nothing of the inside',
    async () => {
      const { whole } = await both();
      expect([whole.status, whole.json]).toEqual([failing.status ?? 502, { error }]);
      expect(whole.text).not.toMatch(NOTHING_INSIDE);
    },
    CASES_MS_MAX,
  );

  test('ends its stream with one error, behind what was said', async () => {
    const { stream } = await both();
    const [created, started] = stream;
    const message_id = started?.data.message_id;
    expect([created?.data.event, started?.data]).toEqual([
      'session.created',
      { event: 'message.started', message_id: expect.stringMatching(/^msg_/) },
    ]);
    expect(stream.slice(-2).map(({ data }) => data)).toEqual([
      { event: 'error', message_id, error },
      '[DONE]',
    ]);
    const events = stream.slice(0, -1);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ data }) => data.event === 'error')).toHaveLength(1);
    const told = events.map(({ data }) => data.delta ?? '').join('');
    expect(told).toBe(failing.words ?? '');
  });

  test('is the same for a retry under its key, and for who comes back in the middle', async () => {
    const { whole, stream, again, behind } = await both();
    const retried = await again();
    expect([retried.whole.status, retried.whole.text]).toEqual([whole.status, whole.text]);
    expect(retried.stream).toEqual(stream);
    for (const after of [2, stream.length - 1]) expect(await behind(after)).toEqual(stream.slice(after));
  });

  test('is failed in the list of its session, where the next message is answered', async () => {
    const { listed, next } = await both();
    expect(await listed()).toMatchObject([1, 2].map(() => ({ status: 'failed', content: null })));
    const answered = await next({ turns: [{ says: 'At your service.' }] });
    expect([answered.status, answered.json.content]).toEqual([200, 'At your service.']);
  });
});

test('a sub-agent that fails is a result for its agent, which answers', async () => {
  const script: Script = {
    turns: [{ calls: [below({ fault: 'refuses' })] }, { says: 'Nobody knows.' }],
  };
  const { whole, stream } = await sendTwice(await integrate(patient), 'told', script);
  const failure = { error: 'The run failed: the model answered 400.' };
  expect([whole.status, whole.json]).toMatchObject([
    200,
    { content: 'Nobody knows.', tool_calls: [{ name: 'ask_level_2', output: failure }] },
  ]);
  const told = stream.find(({ data }) => data.event === 'tool.completed');
  expect(told?.data).toMatchObject({ name: 'ask_level_2', ...failure });
});

test('each message has cost one credit, its retries none; no model call stays reserved', async () => {
  for (const workspace of [patient, hurried]) {
    await agents.untilAllEnded(workspace, CASES_MS_MAX);
    const { rows } = await agents.database.query(
      `SELECT (SELECT count(*)::int4 FROM agents.run WHERE workspace_id = $1 AND kind = 'message') AS messages,
         (SELECT count(*)::int4 FROM agents.run WHERE workspace_id = $1 AND kind = 'message'
           AND credit <> 'charged') AS unpaid,
         (SELECT count(*)::int4 FROM agents.cost_entry WHERE workspace_id = $1 AND spent_micros IS NULL) AS reserved`,
      [workspace.id],
    );
    const [{ messages, unpaid, reserved }] = rows;
    const cases = FAILING.filter(({ status }) => (status === 504) === (workspace === hurried)).length;
    const others = workspace === patient ? 2 : 0;
    expect({ messages, unpaid, reserved, credits: await creditsUsed(workspace) }).toEqual({
      ...{ messages: 3 * cases + others, credits: 3 * cases + others },
      ...{ unpaid: 0, reserved: 0 },
    });
  }
});
