import { agents } from '@magistry/contracts';
import { eventsOf, type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { CrashGate, DYING, QUICK, untilStuck } from './crash-gate.fixture.js';
import { Session } from './session.fixture.js';

const CONTEXT_TOKENS = 1_000;
const companion = agents.agentDefinition.parse({
  ...{ slug: 'companion', title: 'Companion', description: 'Talks.', system_prompt: 'You talk with people.' },
  budget: { context_tokens: CONTEXT_TOKENS },
});
/** So many are more than half of what fits. */
const TURNS = 18;
const SMALL_TALK = 'The weather is fine today, and the shop has a great many linen blazers on its shelves.';

let gate: CrashGate;

beforeAll(async () => {
  gate = await CrashGate.start();
});
afterAll(() => gate.stop());

const start = (wish: object = {}) =>
  startProcess(gate.database.url, { shippedAgents: [companion], runnerOptions: QUICK, ...wish });

/** What a message leaves behind but for ids, times and how its words came in pieces. */
async function tell(running: RunningProcess, session: Session, messageId: string) {
  const entries = (await eventsOf(running, messageId)) as unknown as Record<string, unknown>[];
  const shown = entries.filter(({ event }) => event !== 'text.chunk' && event !== 'thinking.chunk');
  const text = entries.map(({ delta, event }) => (event === 'text.chunk' ? delta : '')).join('');
  const { rows: costs } = await gate.admin.query(
    'SELECT call, spent_micros, prompt_tokens, completion_tokens FROM cost_entry WHERE run_id = $1 ORDER BY call',
    [messageId],
  );
  const { rows: kinds } = await gate.admin.query(
    `SELECT DISTINCT event ->> 'kind' AS kind FROM run_event WHERE run_id = $1 ORDER BY kind`,
    [messageId],
  );
  const plain = JSON.parse(
    JSON.stringify(shown).replaceAll(messageId, 'msg').replaceAll(session.id, 'ses'),
  ) as unknown;
  return { text, shown: plain, costs, kinds, memory: await session.memory() };
}

/** A message that makes its session's older ones fall out of the window, whose process dies behind an entry of it. */
async function perform(killedBehind: number) {
  const session = new Session(gate.admin, companion);
  await session.past('My name is Ada.', 'Nice to meet you, Ada!');
  for (let turn = 2; turn <= TURNS; turn += 1) await session.past(`${turn}: ${SMALL_TALK}`, 'I see.');
  const before = await gate.entriesKept();
  const messageId = await session.send('What is my name?');
  await gate.closeBehind(killedBehind);
  const first = await start({ runnerOptions: DYING });
  const end = session.untilAnswered(messageId);
  await Promise.race([end, untilStuck(first)]);
  await first.abandon();
  const second = await start();
  await gate.open();
  await end;
  const told = await tell(second, session, messageId);
  const entries = (await gate.entriesKept()) - before - 2;
  await second.stop();
  return { told, entries };
}

test('a message that summarises and whose process dies behind any entry remembers as an undisturbed one', async () => {
  const { told: undisturbed, entries } = await perform(1_000);
  expect(undisturbed).toMatchObject({
    text: 'Your name is Ada.',
    memory: { through_turn: 12, facts: [{ name: 'name', value: 'Ada', turn: 1 }] },
    costs: [{ call: 1 }, { call: 2 }],
  });
  expect(undisturbed.kinds).toContainEqual({ kind: 'summarised' });
  expect(entries).toBeGreaterThan(5);
  for (let behind = 0; behind < entries; behind += 1) {
    const { told } = await perform(behind);
    expect({ behind, told }).toEqual({ behind, told: undisturbed });
  }
}, 60_000);

test('a name is known after 200 messages and three restarts, and no call is shown more than the budget', async () => {
  const session = new Session(gate.admin, companion);
  for (let process = 1; process <= 4; process += 1) {
    const running = await start();
    if (process === 1) await session.say('Call me Grace.');
    for (let turn = 1; turn < 50; turn += 1) {
      if (turn % 10 === 0) await session.say(`${turn}: ${SMALL_TALK}`);
      else await session.past(`${turn}: ${SMALL_TALK}`, 'I see.');
    }
    if (process === 4)
      expect(await session.say('Who am I?')).toMatchObject({ answer: 'Your name is Grace.' });
    await running.stop();
  }
  const { rows } = await gate.admin.query(
    `SELECT max(turn) AS turns, max(prompt_tokens) AS most, count(*)::int4 AS calls
     FROM cost_entry JOIN run ON run.id = run_id WHERE session_id = $1`,
    [session.id],
  );
  expect(rows[0].turns).toBe(198);
  expect(rows[0].most).toBeLessThanOrEqual(CONTEXT_TOKENS);
  expect(rows[0].calls).toBeGreaterThan(18);
}, 60_000);

test("a session of another owner under the same name knows nothing of this one's", async () => {
  const running = await start();
  const session = new Session(gate.admin, companion, 'ses_shared');
  await session.say('My name is Ada.');
  for (let turn = 2; turn <= 12; turn += 1) await session.say(`${turn}: ${SMALL_TALK}`);
  expect(await session.memory()).toMatchObject({ facts: [{ name: 'name', value: 'Ada' }] });
  const others = new Session(gate.admin, companion, 'ses_shared', 'integration:5');
  expect(await others.say('What is my name?')).toMatchObject({
    answer: 'You have not told me your name yet.',
  });
  expect(await others.memory()).toBeUndefined();
  await running.stop();
});

test('what needs more than the budget fails with a clear message, and the next message is answered', async () => {
  const running = await start();
  const session = new Session(gate.admin, companion);
  const { status, answer } = await session.say('word '.repeat(3_000));
  expect(status).toBe('failed');
  expect(answer).toMatch(/context is too large: .* 3\d{3} tokens/);
  expect(await session.say('Hello!')).toMatchObject({ answer: 'Hello! How can I help you today?' });
  await running.stop();
});

describe('with a model outside', () => {
  let model: ChatModel;
  let running: RunningProcess;

  beforeAll(async () => {
    model = await ChatModel.start(() => 'Yes.');
    running = await start({ model: { baseUrl: model.baseUrl, name: 'outside' } });
  });
  afterAll(async () => {
    await running.stop();
    model.stop();
  });

  const isSummary = ({ messages }: { messages: readonly { content: string }[] }) =>
    messages[0]?.content.startsWith('You keep the memory') ?? false;

  async function longSession(): Promise<Session> {
    const session = new Session(gate.admin, companion);
    for (let turn = 1; turn <= TURNS; turn += 1) await session.past(`${turn}: ${SMALL_TALK}`, 'I see.');
    return session;
  }

  test('it is shown the summary and facts that it made, as what was said and not as instructions', async () => {
    const session = await longSession();
    const answer = { summary: 'They spoke of linen.', facts: [{ name: 'city', value: 'Graz', turn: 2 }] };
    model.answerBy((asked) => (isSummary(asked) ? JSON.stringify(answer) : 'Yes.'));
    await session.say('And now?');
    const [system, memory, ...more] = model.asked.at(-1)?.messages ?? [];
    expect(system).toMatchObject({ role: 'system', content: 'You talk with people.' });
    expect(memory?.role).toBe('user');
    expect(memory?.content).toMatch(/They spoke of linen\.[\s\S]*- city: Graz/);
    expect(more.at(-1)).toEqual({ role: 'user', content: 'And now?' });
    expect(await session.say('Fine.')).toMatchObject({ promptTokens: [10] });
  });

  test.each([
    ['refuses', 400],
    ['writes nothing', ''],
  ])(
    'a model that %s when it is to summarise answers the message all the same, and is asked again next time',
    async (_, said) => {
      const session = await longSession();
      model.answerBy((asked) => (isSummary(asked) ? said : 'Yes.'));
      expect(await session.say('And now?')).toMatchObject({ status: 'success', answer: 'Yes.' });
      expect(await session.memory()).toBeUndefined();
      model.answerBy((asked) => (isSummary(asked) ? 'They spoke.' : 'Yes.'));
      await session.say('And then?');
      expect(await session.memory()).toMatchObject({ through_turn: 13, summary: 'They spoke.' });
      const { rows } = await gate.admin.query('SELECT FROM cost_entry WHERE settled_at IS NULL');
      expect(rows).toEqual([]);
    },
  );

  test('of a message that was broken off the model knows the question and what was heard', async () => {
    const session = new Session(gate.admin, companion);
    // As one commit: else the process that looks for runs might answer it first.
    await gate.admin.query('BEGIN');
    const id = await session.send('Tell me about linen.');
    await gate.admin.query(
      `WITH ended AS (UPDATE run SET sequence = 3, status = 'cancelled', ended_at = now() WHERE id = $2)
       SELECT $1`,
      [WORKSPACE_ID, id],
    );
    await gate.admin.query(
      `INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
       VALUES ($1, $2, 3, 3, '{"kind":"text","call":1,"delta":"Linen is"}', now())`,
      [WORKSPACE_ID, id],
    );
    await gate.admin.query('COMMIT');
    model.answerBy(() => 'Yes.');
    await session.say('Go on.');
    expect(model.asked.at(-1)?.messages.slice(1)).toEqual([
      { role: 'user', content: 'Tell me about linen.' },
      { role: 'assistant', content: 'Linen is\n(The user broke this answer off.)' },
      { role: 'user', content: 'Go on.' },
    ]);
  });
});
