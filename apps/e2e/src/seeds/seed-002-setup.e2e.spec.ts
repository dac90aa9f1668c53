import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as jsonOf } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { INSTANT, INTEGRATIONS, MESSAGE_ID, post, UUID } from './seed-002.fixture.js';

/** Step 3, as it is printed. */
const FIRST_MESSAGE = `\
curl -X POST https://your-magus-instance.com/api/v1/messages \\
-H "Authorization: Bearer magus_sk_your_key_here" \\
-H "Content-Type: application/json" \\
-d '{"content": "Hello!", "session_id": "my-session-1"}'`;

const run = promisify(execFile);
const system = systemUnderTest();
const model = createServer(async (request, response) => {
  const { messages, tools = [], model: name } = (await jsonOf(request)) as Asked;
  const instructions = messages.find(({ role }) => role === 'system')?.content;
  const names = tools.map((tool) => tool.function.name);
  answer(response, `${name} was told "${instructions}" and may use ${names.join()}.`);
});
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  model.listen(0, '127.0.0.1');
  await once(model, 'listening');
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
});
afterAll(async () => {
  model.closeAllConnections();
  model.close();
  await workspaces.close();
});

interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

function answer(response: ServerResponse, content: string): void {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0 };
  const send = (more: object) => response.write(`data: ${JSON.stringify({ ...head, ...more })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: 'stop' }] });
  send({ choices: [], usage: { prompt_tokens: 150, completion_tokens: 25, total_tokens: 175 } });
  response.end('data: [DONE]\n\n');
}

test('Setup: an agent, an integration of it, and the first message with nothing changed but host and key', async () => {
  const agent = {
    ...{ slug: 'my-agent', title: 'My agent', description: 'Handles what comes through the API.' },
    ...{ system_prompt: 'You are brief.', tools: ['read_kill_switch', 'search_decisions'] },
    model: { name: 'my-model', base_url: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1` },
  };
  const step1 = await home.client.write('POST', '/api/v1/agents', agent);
  expect([step1.status, step1.json]).toMatchObject([201, agent]);
  const step2 = await home.client.write('POST', INTEGRATIONS, { name: 'My app', agent: agent.slug });
  expect([step2.status, step2.json]).toEqual([
    201,
    {
      message: 'Integration created successfully.',
      data: {
        ...{ id: expect.any(Number), name: 'My app', agent: 'my-agent', status: 'active' },
        ...{ daily_credit_limit: null, created_at: INSTANT },
        key: expect.stringMatching(/^magus_sk_[0-9a-z_]+$/),
      },
    },
  ]);
  const script = FIRST_MESSAGE.replace('https://your-magus-instance.com', system.gatewayUrl).replace(
    'magus_sk_your_key_here',
    step2.json.data.key,
  );
  const { stdout } = await run('bash', ['-c', script]);
  const answered = JSON.parse(stdout);
  expect(answered).toEqual({
    ...{ id: MESSAGE_ID, session_id: 'my-session-1', conversation_id: UUID },
    content: expect.stringMatching(
      /^my-model was told "[^"]*You are brief\.[^"]*" and may use (read_kill_switch|search_decisions),\w+\.$/,
    ),
    ...{ citations: [], tool_calls: [], attachments: [] },
    ...{ usage: { prompt_tokens: 150, completion_tokens: 25 }, created_at: INSTANT },
  });
});

test('This agent handles all messages of its key, as it is when each of them comes', async () => {
  const { json } = await home.client.write('POST', INTEGRATIONS, { name: 'Another', agent: 'my-agent' });
  const client = home.client.withKey(json.data.key);
  await home.client.write('PATCH', '/api/v1/agents/my-agent', { system_prompt: 'You are long-winded.' });
  for (const more of [{}, { session_id: 'other' }, { stream: true }]) {
    const { text } = await post(client, { content: 'Hello!', ...more });
    expect(text).toContain('You are long-winded.');
  }
});

test('an integration of an agent that is not there is refused, and gives no key', async () => {
  const { status, json } = await home.client.write('POST', INTEGRATIONS, { name: 'None', agent: 'nobody' });
  expect([status, json.error, JSON.stringify(json)]).toEqual([
    ...[404, 'agent_not_found', expect.not.stringContaining('magus_sk_')],
  ]);
});
