import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { GithubDouble, required } from '@magistry/testing';
import { sign } from '@octokit/webhooks-methods';
import { eventually } from './eventually.fixture.js';
import { type Answered, GatewayClient } from './gateway.fixture.js';
import { credentialsOf, killProcess, systemUnderTest, untilReady } from './system.fixture.js';

const WEBHOOK = '/api/v1/github/webhook';
const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
/** A killed process's lease runs out in between. */
const ANSWER_MS_MAX = 25_000;
const COMMANDS = 12;

const system = systemUnderTest();
const { github_webhook_secret: secret, api_key: apiKey } = credentialsOf(system);
const client = new GatewayClient(system.gatewayUrl, undefined);
// biome-ignore lint/suspicious/noExplicitAny: payloads as GitHub sends them
const examples: any[] = createRequire(import.meta.url)('@octokit/webhooks-examples');
let github: GithubDouble;

beforeAll(async () => {
  github = await GithubDouble.start({ port: Number(required('MAGISTRY_TEST_GITHUB_PORT')) });
  github.permissions.set('Codertocat', 'write');
});
beforeEach(() => {
  github.comments.length = 0;
});
afterAll(() => github.close());

async function deliver(body: string, deliveryId: string = randomUUID()): Promise<Answered> {
  const payload = structuredClone(examples.find(({ name }) => name === 'issue_comment').examples[0]);
  payload.comment.body = body;
  const text = JSON.stringify(payload);
  const headers = {
    'x-github-event': 'issue_comment',
    'x-github-delivery': deliveryId,
    'x-hub-signature-256': await sign(secret, text),
  };
  return client.send(WEBHOOK, { method: 'POST', headers, body: text });
}

const untilTold = (count: number) =>
  eventually(ANSWER_MS_MAX, () => {
    const told = github.comments.filter(({ body }) => body.includes('succeeded'));
    if (told.length < count) throw new Error(`${told.length} of ${count} commands are answered`);
  });

test('a comment on GitHub runs an agent in the workspace, and is answered below it', async () => {
  const { status, text } = await deliver(COMMAND);
  expect([status, text]).toEqual([200, '{"status":"ok"}']);
  await untilTold(1);
  const [comment] = github.comments;
  expect(comment?.body).toContain('"base_salary_eur": 80000');
  const runId = /mag-[0-9a-f]{8}/.exec(comment?.body ?? '')?.[0];
  const { json } = await client.withKey(apiKey).get(`/api/v1/runs/${runId}`);
  expect(json.summary).toMatchObject({ status: 'success', metadata: { source: 'github' } });
});

test('a forged delivery is 401 invalid_signature', async () => {
  const headers = {
    'x-github-event': 'issue_comment',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': await sign('another secret', '{}'),
  };
  const { status, json } = await client.send(WEBHOOK, { method: 'POST', headers, body: '{}' });
  expect([status, json.code]).toEqual([401, 'invalid_signature']);
});

test('health says that everything is set', async () => {
  const { status, json } = await client.get('/api/v1/github/health');
  expect([status, json]).toEqual([200, { status: 'ok', configured: true, missing: [] }]);
});

test('kill -9 of the service while it answers commands leaves each one with one comment', async () => {
  const ids = Array.from({ length: COMMANDS }, () => randomUUID());
  const statuses = await Promise.all(ids.map(async (id) => (await deliver(`${COMMAND} ${id}`, id)).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await killProcess(system, 'agents');
  const before = github.comments.length;
  await untilTold(COMMANDS);
  await untilReady(system);
  expect(github.comments).toHaveLength(COMMANDS);
  expect(new Set(github.comments.map(({ body }) => /mag-[0-9a-f]{8}/.exec(body)?.[0])).size).toBe(COMMANDS);
  console.log(`the process was killed behind ${before} of ${COMMANDS} comments`);
}, 60_000);
