import { execFile } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { required } from '@magistry/testing';
import { credentialsOf, systemUnderTest } from '../system.fixture.js';
import { Workspaces } from '../workspaces.fixture.js';
import { GREETING, integrate } from './seed-002.fixture.js';

const EXAMPLES = new URL('../../../../docs/examples/messages/', import.meta.url);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const LONG = Array.from({ length: 5_000 }, (_, index) => `Wörter № ${index} – 🧵 `);
/** With what their text comes to, as the seed prints it. */
const CLIENTS = [
  ['client.js', '5553d0b422c1cba6ecf9118587f6d88c456d44725112cbdb8babb4cb834891aa'],
  ['client.py', '6f68806d3a7dce7714a931f02848fe7242a76664046e08351b2cc38f3524c21a'],
  ['client.sh', '1d952f34d3d492adfa9fd9a3be66a6b7794bf83f67982fa890c0c77c0bfadb06'],
] as const;

const run = promisify(execFile);
const system = systemUnderTest();
const { agent_key: demoKey } = credentialsOf(system);
/** What the model says, a delta each; it refuses where that is undefined. */
let words: readonly string[] | undefined;
const model = createServer((_, response) => answer(response));
let workspaces: Workspaces;
let talkerKey: string;

beforeAll(async () => {
  model.listen(0, '127.0.0.1');
  await once(model, 'listening');
  workspaces = await Workspaces.open(system);
  const home = await workspaces.create();
  const base_url = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  const agent = {
    slug: 'talker',
    title: 'Talker',
    description: 'Talks.',
    model: { name: 'words', base_url },
  };
  await home.client.write('POST', '/api/v1/agents', agent);
  ({ key: talkerKey } = await integrate(home, agent.slug));
});
afterAll(async () => {
  model.closeAllConnections();
  model.close();
  await workspaces.close();
});

function answer(response: ServerResponse): void {
  if (words === undefined) {
    response.writeHead(400).end();
    return;
  }
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0 };
  const send = (more: object) => response.write(`data: ${JSON.stringify({ ...head, ...more })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of words) send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  send({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  response.end('data: [DONE]\n\n');
}

/** What a client of the seed prints, with nothing changed but host and key. */
async function printedBy(name: string, key: string): Promise<string> {
  const client = readFileSync(new URL(name, EXAMPLES), 'utf8')
    .replace('https://your-instance.com', system.gatewayUrl)
    .replace("fetch('/api/v1/messages'", `fetch('${system.gatewayUrl}/api/v1/messages'`)
    .replace('magus_sk_your_key', key);
  const [command, ...options] = COMMANDS[name]?.() ?? [];
  const { stdout } = await run(command ?? '', [...options, client], { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}

const COMMANDS: Readonly<Record<string, () => string[]>> = {
  'client.js': () => [process.execPath, '--input-type=module', '-e'],
  'client.py': () => [required('MAGISTRY_TEST_PYTHON'), '-c'],
  'client.sh': () => ['bash', '-c'],
};

/** curl prints the stream itself, the other two what the agent says. */
async function saidTo(name: string, key: string): Promise<string> {
  const printed = await printedBy(name, key);
  return name === 'client.sh'
    ? eventsIn(printed)
        .map(({ delta = '' }) => delta)
        .join('')
    : printed;
}

function eventsIn(printed: string): { event: string; delta?: string; error?: object }[] {
  const lines = printed.split('\n').filter((line) => line.startsWith('data: '));
  expect(lines.pop()).toBe('data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice('data: '.length)));
}

test.each(CLIENTS)('%s is what the seed prints, but for indentation and its first line', (name, sum) => {
  const [, ...lines] = readFileSync(new URL(name, EXAMPLES), 'utf8').trim().split('\n');
  expect(hash('sha256', lines.map((line) => line.trim()).join('\n'))).toBe(sum);
});

test.each(CLIENTS)('%s has what the agent says', async (name) => {
  expect(await saidTo(name, demoKey)).toBe(GREETING);
});

test('the curl client gets the stream of the seed', async () => {
  expect(eventsIn(await printedBy('client.sh', demoKey)).map(({ event }) => event)).toEqual([
    ...['session.created', 'message.started', 'text.chunk', 'text.chunk', 'message.completed'],
  ]);
});

test.each(CLIENTS)('%s has a long answer in many scripts whole', async (name) => {
  words = LONG;
  expect(await saidTo(name, talkerKey)).toBe(LONG.join(''));
});

test.each([
  // It joins no lines over reads, and 64 KiB are read at once.
  ['client.js', 60_000],
  ['client.py', 250_000],
  ['client.sh', 250_000],
])('%s has an event of %i bytes whole', async (name, bytes) => {
  words = ['x'.repeat(bytes)];
  expect(await saidTo(name, talkerKey)).toBe(words.join(''));
});

test.each(CLIENTS)('%s ends by itself where the agent says nothing, or fails', async (name) => {
  for (const nothing of [[], undefined]) {
    words = nothing;
    expect(await saidTo(name, talkerKey)).toBe('');
  }
  const last = eventsIn(await printedBy('client.sh', talkerKey)).at(-1);
  expect(last).toMatchObject({ event: 'error', error: { code: 'agent_error' } });
});
