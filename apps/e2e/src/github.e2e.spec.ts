import { randomUUID } from 'node:crypto';
import { GithubDouble, required } from '@magistry/testing';
import { sign } from '@octokit/webhooks-methods';
import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';
import { deliver, githubPayload } from './github-deliveries.fixture.js';
import { credentialsOf, killProcess, systemUnderTest, untilReady } from './system.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
/** A killed process's lease runs out in between. */
const ANSWER_MS_MAX = 25_000;
const COMMANDS = 12;

const system = systemUnderTest();
const { api_key: apiKey } = credentialsOf(system);
const client = new GatewayClient(system.gatewayUrl, undefined);
let github: GithubDouble;

beforeAll(async () => {
  github = await GithubDouble.start({ port: Number(required('MAGISTRY_TEST_GITHUB_PORT')) });
  github.permissions.set('Codertocat', 'write');
});
beforeEach(() => {
  github.comments.length = 0;
});
afterAll(() => github.close());

const ask = (body: string) => deliver(system, githubPayload('issue_comment', 'created', body));

const untilTold = (count: number) =>
  eventually(ANSWER_MS_MAX, () => {
    const told = github.comments.filter(({ body }) => body.includes('succeeded'));
    if (told.length < count) throw new Error(`${told.length} of ${count} commands are answered`);
  });

test('a comment on GitHub runs an agent in the workspace, and is answered below it', async () => {
  const { status, text } = await ask(COMMAND);
  expect([status, text]).toEqual([200, '{"status":"ok"}']);
  await untilTold(1);
  const [comment] = github.comments;
  expect(comment?.body).toContain('"base_salary_eur": 80000');
  const runId = /mag-[0-9a-f]{8}/.exec(comment?.body ?? '')?.[0];
  const { json } = await client.withKey(apiKey).get(`/api/v1/runs/${runId}`);
  expect(json.summary).toMatchObject({ status: 'success', metadata: { source: 'github' } });
});

test('a forged delivery is 401 invalid_signature', async () => {
  const { status, json } = await deliver(system, {}, { signature: await sign('another secret', '{}') });
  expect([status, json.code]).toEqual([401, 'invalid_signature']);
});

test('health says that everything is set', async () => {
  const { status, json } = await client.get('/api/v1/github/health');
  expect([status, json]).toEqual([200, { status: 'ok', configured: true, missing: [] }]);
});

test('kill -9 of the service while it answers commands leaves each one with one comment', async () => {
  const ids = Array.from({ length: COMMANDS }, () => randomUUID());
  const statuses = await Promise.all(ids.map(async (id) => (await ask(`${COMMAND} ${id}`)).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  await killProcess(system, 'agents');
  const before = github.comments.length;
  await untilTold(COMMANDS);
  await untilReady(system);
  expect(github.comments).toHaveLength(COMMANDS);
  expect(new Set(github.comments.map(({ body }) => /mag-[0-9a-f]{8}/.exec(body)?.[0])).size).toBe(COMMANDS);
  console.log(`the process was killed behind ${before} of ${COMMANDS} comments`);
}, 60_000);
