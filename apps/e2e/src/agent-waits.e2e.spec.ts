import { eventually } from './eventually.fixture.js';
import { report } from './kills.fixture.js';
import { LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import { killProcess, systemUnderTest } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const BEGUN_MS_MAX = 10_000;
/** A lease of 6 s, the second in which it is seen, the words once more, and what a busy machine takes. */
const ANSWERED_MS_MAX = 30_000;
const WORDS = 'It was a dark and stormy night and the rain fell in torrents except at occasional intervals';
const SCRIPT = { turns: [{ says: WORDS, wordMs: 100 }] };
const AGENT = LEVELS[3];

const system = systemUnderTest();
let agents: ScriptedAgents;
let home: TestWorkspace;

beforeAll(async () => {
  agents = await ScriptedAgents.open(system);
  home = await agents.workspace();
});
afterAll(() => agents?.close());

/** Until the model has been asked by so many. */
function speaking(calls: number): Promise<void> {
  return eventually(BEGUN_MS_MAX, () => {
    if (agents.model.asked < calls) throw new Error(`the model was asked ${agents.model.asked} times`);
  });
}

async function send(path: string, body: object, headers: Record<string, string> = {}) {
  const all = { authorization: `Bearer ${home.key}`, 'content-type': 'application/json', ...headers };
  const signal = AbortSignal.timeout(ANSWERED_MS_MAX);
  const answer = await fetch(`${system.gatewayUrl}/api/v1/${path}`, {
    ...{ method: 'POST', headers: all, body: JSON.stringify(body), signal },
  });
  const isReplayed = answer.headers.has('idempotent-replayed');
  return { status: answer.status, isReplayed, text: await answer.text() };
}

async function runsKept(): Promise<number> {
  const text = 'SELECT count(*)::int4 AS count FROM agents.run WHERE workspace_id = $1';
  return (await agents.database.query(text, [home.id])).rows[0].count;
}

test('who waits for an answer over the kill of its process gets it, of the one run that there is', async () => {
  const message = { content: JSON.stringify(SCRIPT), agent: AGENT };
  const keyed = () => send('messages', message, { 'idempotency-key': 'waited-for' });
  const answers = [keyed(), send('messages', message), send(`agents/${AGENT}/run`, { payload: SCRIPT })];
  await speaking(answers.length);
  const killedAt = performance.now();
  await killProcess(system, 'agents');
  const answered = await Promise.all(answers);
  report(`answered ${Math.round(performance.now() - killedAt)} ms behind the kill`);
  for (const { status, isReplayed, text } of answered) {
    expect([status, isReplayed]).toEqual([200, false]);
    expect(text).toContain(WORDS);
  }
  expect(await keyed()).toEqual({ ...answered[0], isReplayed: true });
  expect(await runsKept()).toBe(3);
}, 60_000);
