import { beginTalks, followAll, followLate } from './followers.fixture.js';
import { HELD_GROWTH_MAX, HeldMemoryOverRounds } from './held-memory.fixture.js';
import { ScriptedAgents } from './scripted-agents.fixture.js';
import { systemUnderTest } from './system.fixture.js';

const WISH = { messages: 5, followers: 30, words: 15, wordMs: 50 };
const ROUNDS = 3;
/** Alone it takes some 20 ms; a heartbeat comes after 5 s. */
const HEADERS_MS_MAX = 1_250;
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

test('what nothing is said of yet has its headers at once, and what is not there has its status', async () => {
  const { client, key } = await agents.workspace();
  const label = 'silent';
  const hanging = { turns: [{ fault: 'hangs', label }] } as const;
  const say = (content: string) => ({ content, agent: 'level-4', session_id: 'one', stream: true });
  const open = async (path: string, more: RequestInit = {}) => {
    const closing = new AbortController();
    const startedAt = performance.now();
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more.headers };
    const url = `${agents.system.gatewayUrl}${path}`;
    const { status } = await fetch(url, { ...more, headers, signal: closing.signal });
    const headersMs = performance.now() - startedAt;
    closing.abort();
    return { status, headersMs };
  };
  const send = (content: string) => ({ method: 'POST', body: JSON.stringify(say(content)) });

  const first = await open('/api/v1/messages', send(JSON.stringify(hanging)));
  await agents.model.untilOpen(label);
  const queued = await open('/api/v1/messages', send(JSON.stringify({ turns: [{ says: 'Later.' }] })));
  const { json } = await client.get('/api/v1/messages?session_id=one');
  const events = `/api/v1/messages/${json.data[0].id}/events`;
  const seen = await open(events, { headers: { 'last-event-id': '2' } });
  const begun = { payload: { turns: [{ fault: 'hangs', label: 'run' }] } };
  const run = await client.write('POST', '/api/v1/agents/level-4/run', begun, { prefer: 'respond-async' });
  await agents.model.untilOpen('run');
  const logs = `/api/v1/runs/${run.json.run_id}/logs?follow=true`;
  const log = await open(logs, { headers: { 'last-event-id': '1' } });

  for (const { status, headersMs } of [first, queued, seen, log]) {
    expect(status).toBe(200);
    expect(headersMs).toBeLessThan(HEADERS_MS_MAX);
  }
  expect((await open('/api/v1/messages/msg_01M87MZ1JGD23MYGFN0KZ46QQA/events')).status).toBe(404);
  expect((await open(logs, { headers: { authorization: 'Bearer nobody' } })).status).toBe(401);
  process.stdout.write(
    `    headers after ${[first, queued, seen, log].map(({ headersMs }) => Math.round(headersMs)).join(', ')} ms\n`,
  );
});

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
