import type { IncomingMessage, ServerResponse } from 'node:http';
import { agents } from '@magistry/contracts';
import { type BareReceiver, startHttpReceiver } from '@magistry/testing';
import pg from 'pg';
import { type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';

const SECRET = 'sk-very-secret-model-key';
const closing: (() => unknown)[] = [];
let running: RunningAgents;
let slugs = 0;

beforeAll(async () => {
  running = await startAgents();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(() => running.stop());

type Answering = (response: ServerResponse, request: IncomingMessage) => void;

async function startModel(answer: Answering): Promise<BareReceiver & { baseUrl: string; keys: unknown[] }> {
  const keys: unknown[] = [];
  const receiver = await startHttpReceiver((request, response) => {
    keys.push(request.headers.authorization);
    request.resume().on('end', () => answer(response, request));
  });
  closing.push(() => receiver.close());
  return { ...receiver, baseUrl: `http://127.0.0.1:${receiver.port}/v1`, keys };
}

const line = (delta: object, finish_reason: string | null = null, more = {}) =>
  `data: ${JSON.stringify({ id: '1', choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`;
const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 };
const say =
  (content: string): Answering =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`${line({ content })}${line({}, 'stop', { usage })}data: [DONE]\n\n`);
  };

async function createAgent(model: object, more = {}): Promise<string> {
  slugs += 1;
  const slug = `own-${slugs}`;
  const body = { slug, title: 'Own', description: 'Has a model of its own.', model, ...more };
  await running.send(agents.createAgent, { body });
  return slug;
}

const run = (slug: string, on = running) =>
  on.send(agents.runAgent, { params: { slug }, body: { payload: {} } });
const failureOf = (slug: string, on = running) =>
  run(slug, on).then(
    () => 'no failure',
    (error: Error) => error.message,
  );

test('a model of the workspace answers with its key, which is stored nowhere to be read', async () => {
  const model = await startModel(say('{"text":"from afar"}'));
  const slug = await createAgent({ name: 'mine', base_url: model.baseUrl, api_key: SECRET });
  const { json } = await run(slug);
  const { run_id } = json as { run_id: string };
  expect([json, model.keys]).toEqual([
    expect.objectContaining({ output: { text: 'from afar' } }),
    [`Bearer ${SECRET}`],
  ]);
  const client = new pg.Client(running.adminUrl);
  await client.connect();
  const stored = await client.query(
    `
    SELECT (SELECT string_agg(a::text, '') FROM agents.agent a) || (SELECT string_agg(r::text, '') FROM agents.run r)
      || (SELECT string_agg(e::text, '') FROM agents.run_event e) AS text,
      (SELECT price_version FROM agents.cost_entry WHERE run_id = $1) AS price`,
    [run_id],
  );
  await client.end();
  expect(stored.rows[0].text).not.toContain(SECRET);
  expect(stored.rows[0].text).not.toContain(Buffer.from(SECRET).toString('hex'));
  expect(stored.rows[0].price).toBe('unknown-1');
});

test('a redirect is not followed: what it leads to is never asked', async () => {
  const inside = await startModel(say('inside'));
  const model = await startModel((response) =>
    response.writeHead(307, { location: `${inside.baseUrl}/chat/completions` }).end(),
  );
  const slug = await createAgent({ name: 'mine', base_url: model.baseUrl, api_key: SECRET });
  expect(await failureOf(slug)).toContain('the model answered 307');
  expect(inside.connections()).toBe(0);
});

test.each<[string, Answering, RegExp]>([
  [
    'words without end',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      endless(response, line({ content: 'x'.repeat(4_096) }));
    },
    /does not end/,
  ],
  [
    'one line without end',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      endless(response, 'x'.repeat(65_536));
    },
    /larger than is taken/,
  ],
  [
    'an error without end',
    (response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      endless(response, 'x'.repeat(65_536));
    },
    /larger than is taken|answered 400/,
  ],
  [
    'more tools than anybody asks for',
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 100; index += 1) {
        const call = { index, id: `c${index}`, type: 'function', function: { name: 'x', arguments: '{}' } };
        response.write(line({ tool_calls: [call] }));
      }
      response.end(`${line({}, 'tool_calls', { usage })}data: [DONE]\n\n`);
    },
    /too many tools/,
  ],
  ['nonsense', (response) => response.end('<html>'), /broke off|cannot be reached/],
  ['a status of its own', (response) => response.writeHead(418).end(), /answered 418/],
])('a model that answers %s ends its run, and nothing else', async (_, answer, message) => {
  const model = await startModel(answer);
  const slug = await createAgent({ name: 'mine', base_url: model.baseUrl });
  expect(await failureOf(slug)).toMatch(message);
  expect(model.open()).toBeLessThanOrEqual(1);
});

function endless(response: ServerResponse, chunk: string): void {
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

test('a key goes with its address alone: to another one it is not sent', async () => {
  const first = await startModel(say('first'));
  const second = await startModel(say('second'));
  const slug = await createAgent({ name: 'mine', base_url: first.baseUrl, api_key: SECRET });
  const change = (model: object) => running.send(agents.updateAgent, { params: { slug }, body: { model } });
  await change({ name: 'renamed', base_url: first.baseUrl });
  await run(slug);
  await change({ name: 'mine', base_url: second.baseUrl });
  await run(slug);
  await change({ name: 'mine', base_url: second.baseUrl, api_key: 'another-key' });
  await run(slug);
  await change({ name: 'mine', base_url: second.baseUrl, api_key: null });
  await run(slug);
  expect([first.keys, second.keys]).toEqual([
    [`Bearer ${SECRET}`],
    [undefined, 'Bearer another-key', undefined],
  ]);
});

test('an agent that is removed while it runs ends its run as it would have', async () => {
  let release = () => undefined as unknown;
  const held = new Promise<void>((resolve) => {
    release = resolve as () => unknown;
  });
  let calls = 0;
  const model = await startModel((response, request) => {
    calls += 1;
    if (calls > 1) return say('done')(response, request);
    const call = { index: 0, id: 'a', type: 'function' };
    const named = { ...call, function: { name: 'salary_band', arguments: '{"role":"Engineer"}' } };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(line({ tool_calls: [named] }));
    void held.then(() => response.end(`${line({}, 'tool_calls', { usage })}data: [DONE]\n\n`));
  });
  const given = { name: 'mine', base_url: model.baseUrl, api_key: SECRET };
  const slug = await createAgent(given, { tools: ['salary_band'] });
  const answer = run(slug);
  while (calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await running.send(agents.deleteAgent, { params: { slug } })).status).toBe(204);
  release();
  expect((await answer).json).toMatchObject({ output: { text: 'done' } });
  expect(model.keys).toEqual([`Bearer ${SECRET}`, `Bearer ${SECRET}`]);
  await expect(run(slug)).rejects.toMatchObject({ code: 'agent_not_found' });
});

test('cancelling closes the connection to a model of the workspace', async () => {
  const model = await startModel((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(line({ content: 'Once upon' }));
  });
  const slug = await createAgent({ name: 'mine', base_url: model.baseUrl });
  const answer = failureOf(slug);
  while (model.keys.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { json } = await running.send(agents.listRuns, {}, { id: WORKSPACE_ID });
  const run_id = (json as { data: { run_id: string }[] }).data[0]?.run_id ?? '';
  await running.send(agents.cancelRun, { params: { run_id } });
  while (model.open() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await answer).toContain('cancelled');
});
