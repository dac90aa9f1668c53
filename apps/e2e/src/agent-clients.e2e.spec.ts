import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { credentialsOf, systemUnderTest } from './system.fixture.js';

const run = promisify(execFile);
const EXAMPLES = new URL('../../../docs/examples/', import.meta.url);
const GREETING = 'Hello! How can I help you today?';
const system = systemUnderTest();
const { agent_key: key, api_key: apiKey } = credentialsOf(system);

/** A client of seed 002 with nothing changed but host and key. */
function client(name: string): string {
  return readFileSync(new URL(`messages/${name}`, EXAMPLES), 'utf8')
    .replace('https://your-instance.com', system.gatewayUrl)
    .replace("fetch('/api/v1/messages'", `fetch('${system.gatewayUrl}/api/v1/messages'`)
    .replace('magus_sk_your_key', key);
}

async function has(command: string, ...words: string[]): Promise<boolean> {
  return run(command, words).then(
    () => true,
    () => false,
  );
}

test('the JavaScript client of seed 002 prints the answer', async () => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', client('client.js')]);
  expect(stdout).toBe(GREETING);
});

test('the curl client of seed 002 gets the stream of the seed', async () => {
  const { stdout } = await run('bash', ['-c', client('client.sh')]);
  const data = stdout.split('\n').filter((line) => line.startsWith('data: '));
  const events = data.slice(0, -1).map((line) => JSON.parse(line.slice(6)));
  expect(events.map(({ event }) => event)).toEqual([
    ...['session.created', 'message.started', 'text.chunk', 'text.chunk', 'message.completed'],
  ]);
  expect(data.at(-1)).toBe('data: [DONE]');
});

test('the Python client of seed 002 prints the answer, where the machine has Python', async () => {
  if (!(await has('python3', '-c', 'import requests'))) return;
  const { stdout } = await run('python3', ['-c', client('client.py')]);
  expect(stdout).toBe(GREETING);
});

test('the curl examples of seed 004 pass every endpoint and refusal', async () => {
  if (!(await has('jq', '--version'))) return;
  const script = new URL('api/curl_examples.sh', EXAMPLES).pathname;
  const env = { ...process.env, API_URL: system.gatewayUrl, MAGSAG_API_KEY: apiKey };
  const { stdout } = await run('bash', [script], { env });
  const told = [
    '"status": "success"',
    '"event":"finish"',
    '\n{"code":"agent_not_found"',
    '"code":"invalid_payload"',
  ];
  for (const part of [
    ...told,
    '"invalid_run_id"',
    '"not_found"',
    '"unauthorized"',
    '{"detail":"Request body too large"}',
  ])
    expect(stdout).toContain(part);
  expect(stdout.match(/^\d{3}$/gm)).toEqual(['404', '400', '400', '404', '401', '413']);
});
