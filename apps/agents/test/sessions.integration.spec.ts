import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase, textPdf } from '@magistry/testing';
import pg from 'pg';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { dumpSchema, tablesWith } from './schema-dump.fixture.js';
import { until } from './until.fixture.js';

const OTHER_WORKSPACE = 8;
/** In no dictionary, so that a translation keeps it. */
const MARKER = 'zymurgophilia';
const CONTEXT_TOKENS = 1_000;
const SMALL_TALK = 'The weather is fine today, and the shop has a great many linen blazers on its shelves.';
const base64 = (bytes: Buffer | string) => Buffer.from(bytes as string).toString('base64');

let database: TestDatabase;
let admin: pg.Client;
let running: RunningProcess;
/** A model that is asked and never answers. */
let silent: Server;
const asked = new Set<object>();

beforeAll(async () => {
  silent = createServer((request, response) => {
    asked.add(request);
    response.on('close', () => asked.delete(request));
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  database = await createTestDatabase('agents');
  admin = new pg.Client({ connectionString: database.adminUrl, options: '-c search_path=agents' });
  await admin.connect();
  running = await startProcess(database.url, { shippedAgents: shipped() });
});
afterAll(async () => {
  await running.stop();
  silent.closeAllConnections();
  silent.close();
  await admin.end();
  await database.drop();
});

function shipped() {
  const agent = (slug: string, more: object) =>
    agents.agentDefinition.parse({ slug, title: slug, description: `The ${slug}.`, ...more });
  const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1`;
  return [
    agent('catalog-assistant', {
      tools: ['attach_file'],
      sub_agents: ['clerk'],
      budget: { context_tokens: CONTEXT_TOKENS },
    }),
    agent('clerk', { payload_schema: { type: 'object', properties: { query: { type: 'string' } } } }),
    agent('sphinx', { model: { name: 'silent', base_url: baseUrl } }),
  ];
}

interface Listed {
  readonly data: {
    readonly session_id: string;
    readonly messages: number;
    readonly conversation_id: string;
  }[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}

const say = (session_id: string, content: string, more: object = {}, id = WORKSPACE_ID) =>
  running.send(agents.sendMessage, { body: { content, session_id, ...more } }, { id });
const get = (session_id: string, id = WORKSPACE_ID) =>
  running.send(agents.getSession, { params: { session_id } }, { id });
const erase = (session_id: string, id = WORKSPACE_ID) =>
  running.send(agents.deleteSession, { params: { session_id } }, { id });
async function list(query = '', id = WORKSPACE_ID): Promise<Listed> {
  return (await running.send(agents.listSessions, { query }, { id })).json as Listed;
}

test('sessions are listed the newest first, a page at a time, and each once', async () => {
  for (const name of ['first', 'second', 'third']) await say(name, 'Hello!', {}, 20);
  await say('first', 'Hello again!', {}, 20);
  const page = await list('limit=2', 20);
  expect(page.data.map(({ session_id, messages }) => [session_id, messages])).toEqual([
    ['third', 1],
    ['second', 1],
  ]);
  expect(page.has_more).toBe(true);
  const rest = await list(`limit=2&cursor=${page.next_cursor}`, 20);
  expect(rest).toMatchObject({
    data: [{ session_id: 'first', messages: 2 }],
    next_cursor: null,
    has_more: false,
  });
  await expect(list('cursor=nonsense', 20)).rejects.toMatchObject({
    ...{ code: 'validation_failed', errors: [{ path: 'cursor' }] },
  });
});

test('a session of another workspace under the same name is neither seen nor erased', async () => {
  await say('shared', 'Hello!');
  await expect(get('shared', OTHER_WORKSPACE)).rejects.toMatchObject({ code: 'not_found' });
  await expect(erase('shared', OTHER_WORKSPACE)).rejects.toMatchObject({ code: 'not_found' });
  await say('shared', 'Good day!', {}, OTHER_WORKSPACE);
  expect((await erase('shared', OTHER_WORKSPACE)).status).toBe(204);
  expect((await get('shared')).json).toMatchObject({ data: { session_id: 'shared', messages: 1 } });
});

/** Says the marker in every way in which it is kept: in words, files, facts, summaries, and to a sub-agent. */
async function sayEverywhere(session: string): Promise<void> {
  const file = (name: string, content_type: string, bytes: Buffer | string) => ({
    attachments: [{ type: 'file', name, content_type, data: base64(bytes) }],
  });
  await say(session, `My name is ${MARKER}.`);
  await say(
    session,
    'Translate this into German.',
    file('note.txt', 'text/plain', `The shirt is ${MARKER}.`),
  );
  await say(
    session,
    'Summarise this.',
    file('note.pdf', 'application/pdf', textPdf([[`A ${MARKER} is a thing.`]])),
  );
  await say(session, `Ask the clerk about ${MARKER}.`);
  for (let turn = 0; turn < 14; turn += 1) await say(session, `${turn}: ${SMALL_TALK}`);
}

test('an erased session leaves its words in no table, and what it cost as it was', async () => {
  const session = `${MARKER}-session`;
  await sayEverywhere(session);
  await say('bystander', 'My name is Grace.');
  const before = await dumpSchema(admin, 'agents');
  expect(tablesWith(before, MARKER)).toEqual(['attachment', 'run', 'run_event', 'session', 'session_memory']);
  expect(before.get('run')).toContain('sag-');
  const listed = (await list('limit=100')).data;
  const ids = listed.map(({ session_id }) => session_id);
  const conversationId = listed.find(({ session_id }) => session_id === session)?.conversation_id;

  expect((await erase(session)).status).toBe(204);
  const after = await dumpSchema(admin, 'agents');
  expect(tablesWith(after, MARKER)).toEqual([]);
  expect(after.get('cost_entry')).toBe(before.get('cost_entry'));
  const { rows } = await admin.query(
    'SELECT actor, subject, details FROM audit_outbox ORDER BY number DESC LIMIT 1',
  );
  expect(rows).toEqual([
    { actor: 'system:test', subject: `conversation:${conversationId}`, details: { messages: 18 } },
  ]);
  expect((await list('limit=100')).data.map(({ session_id }) => session_id)).toEqual(
    ids.filter((id) => id !== session),
  );
  await expect(get(session)).rejects.toMatchObject({ code: 'not_found' });
  await expect(erase(session)).rejects.toMatchObject({ code: 'not_found' });
  expect((await say('bystander', 'What is my name?')).json).toMatchObject({ content: 'Your name is Grace.' });
  expect((await say(session, 'What is my name?')).json).toMatchObject({
    content: 'You have not told me your name yet.',
  });
}, 60_000);

test('a message of an erased session is not found, and its log ends for whoever follows it', async () => {
  const { json } = await say('followed', 'Hello!');
  const { id } = json as { id: string };
  await erase('followed');
  for (const operation of [agents.getMessageEvents, agents.cancelMessage])
    await expect(running.send(operation, { params: { message_id: id } })).rejects.toMatchObject({
      code: 'not_found',
    });
  const { page } = await running.call(agents.readEvents, { name: `${WORKSPACE_ID}.${id}`, after: 0 });
  expect(page).toMatchObject({ events: [], hasMore: false, isEnded: true });
});

test('erasing cancels the message that runs, and who waits for it is told so', async () => {
  const answer = say('open', 'Speak!', { agent: 'sphinx' }).catch((error: unknown) => error);
  await until('the model is asked', () => asked.size > 0);
  expect((await erase('open')).status).toBe(204);
  expect(await answer).toMatchObject({ code: 'agent_error' });
  await until('the model is let go', () => asked.size === 0);
  const { rows } = await admin.query(
    `SELECT status, input, session_id FROM agents.run WHERE slug = 'sphinx'`,
  );
  expect(rows).toEqual([{ status: 'cancelled', input: {}, session_id: null }]);
});

test('of two that erase a session at once one does, and a message that comes between begins a new one', async () => {
  await say('raced', 'My name is Ada.');
  const outcomes = await Promise.all(
    [
      erase('raced').then(({ status }) => status),
      erase('raced').then(
        ({ status }) => status,
        ({ code }) => code,
      ),
      say('raced', 'Hello!').then(({ status }) => status),
    ].map((outcome) => outcome.catch(({ code }: { code: string }) => code)),
  );
  expect(outcomes.slice(0, 2)).toContain(204);
  expect([200, 'agent_error']).toContain(outcomes[2]);
  const left = (await list('limit=100')).data.filter(({ session_id }) => session_id === 'raced');
  expect(left.length).toBeLessThanOrEqual(1);
  const { rows } = await admin.query(`SELECT turn FROM agents.run WHERE session_id = 'raced' ORDER BY turn`);
  expect(rows.length).toBe(left[0]?.messages ?? 0);
});

test.each([
  ['an entry of a log', `DELETE FROM agents.run_event`, /append-only/],
  ['what was said', `UPDATE agents.run SET erased_at = now() WHERE erased_at IS NULL`, /leaves its contents/],
  ['an erasure', `UPDATE agents.run SET erased_at = NULL WHERE erased_at IS NOT NULL`, /was erased/],
  [
    'words back into an erased run',
    `UPDATE agents.run SET input = '{"content": "Hello!"}' WHERE erased_at IS NOT NULL`,
    /was erased/,
  ],
])('the database lets nobody take or put back %s', async (_, statement, refusal) => {
  await say('kept', 'Hello!');
  await expect(admin.query(statement)).rejects.toThrow(refusal);
});
