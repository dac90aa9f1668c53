import { streamedEvents } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { ScriptedTurn } from './scripted-model.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const PATH = '/api/v1/messages';
const INTEGRATIONS = '/api/v1/integrations';
/** Long enough for what happens meanwhile, on a busy machine too. */
const SLOW: ScriptedTurn = { says: 'one two three four five six', wordMs: 250 };
const CHARGED_MS_MAX = 5_000;
const QUICK: ScriptedTurn = { says: 'Here.' };

let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;
let integration: string;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
});
beforeEach(async () => {
  home = await agents.workspace({}, 'free');
  const { json } = await home.client.write('POST', INTEGRATIONS, { name: 'Widget', agent: LEVELS[0] });
  integration = `${INTEGRATIONS}/${json.data.id}`;
  client = home.client.withKey(json.data.key);
});
afterAll(() => agents.close());

const say = (turn: ScriptedTurn, by = client) =>
  by.send(PATH, {
    method: 'POST',
    body: { content: JSON.stringify({ turns: [turn] }), session_id: 'one', stream: true },
  });
const lastOf = ({ text }: Answered) => streamedEvents(text).at(-2)?.data.event;

/** A message that is being answered, and one that waits behind it. */
async function busySession(): Promise<Promise<Answered>[]> {
  const answers: Promise<Answered>[] = [];
  for (const [index, turn] of [SLOW, QUICK].entries()) {
    answers.push(say(turn));
    while ((await client.get(PATH)).json.data.length <= index);
  }
  return answers;
}

async function expectAnswered(answers: readonly Promise<Answered>[]): Promise<void> {
  expect((await Promise.all(answers)).map(lastOf)).toEqual(answers.map(() => 'message.completed'));
}

test('what is queued when the credits run out is paid and answered; the next message is refused', async () => {
  const answers = await busySession();
  const check = `/api/v1/entitlements/check?feature=message_credits`;
  // A message is listed from its commit on, and charged a moment behind it.
  const { limit } = await eventually(CHARGED_MS_MAX, async () => {
    const { json } = await home.client.get(check);
    expect(json.current_usage).toBe(answers.length);
    return json;
  });
  const rest = { feature: 'message_credits', quantity: limit - answers.length };
  await home.client.write('POST', '/api/v1/entitlements/usage', rest);
  const refused = await say(QUICK);
  expect([refused.status, refused.json.error.code]).toEqual([403, 'usage_limit_exceeded']);
  await expectAnswered(answers);
});

test('what is queued when its integration is disabled is answered; its key opens nothing more', async () => {
  const answers = await busySession();
  await home.client.write('PATCH', integration, { status: 'disabled' });
  for (const refused of [await say(QUICK), await client.get(PATH)])
    expect([refused.status, refused.json.error.code]).toEqual([403, 'integration_inactive']);
  await expectAnswered(answers);
});

test('a stream goes on to its end when its key is rotated, and the successor has the session', async () => {
  const answers = await busySession();
  const headers = { 'idempotency-key': `rotate-${home.slug}` };
  const rotate = () => home.client.write('POST', `${integration}/rotate`, { grace_period_hours: 1 }, headers);
  const { json } = await rotate();
  expect((await rotate()).json).toEqual(json);
  await expectAnswered([...answers, say(QUICK, home.client.withKey(json.data.key))]);
  const listed = await home.client.withKey(json.data.key).get(PATH);
  expect(listed.json.data).toHaveLength(3);
});
