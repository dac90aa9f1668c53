import { randomUUID } from 'node:crypto';
import { GithubDouble, required } from '@magistry/testing';
import { eventually } from '../eventually.fixture.js';
import { GatewayClient } from '../gateway.fixture.js';
import { deliver, githubPayload } from '../github-deliveries.fixture.js';
import { credentialsOf, systemUnderTest, untilReady } from '../system.fixture.js';

const COMMAND = '@offer-orchestrator-mag {"role": "Senior Engineer"}';
const OUTPUT = '"base_salary_eur": 80000';
const ANSWER_MS_MAX = 15_000;
/** Its one model call costs more than it may. */
const POOR = {
  ...{
    slug: 'penniless-agent',
    title: 'Penniless agent',
    description: 'Fails at once.',
    system_prompt: 'Fail.',
  },
  budget: { micros: 1, call_micros: 1 },
};
const system = systemUnderTest();
const client = new GatewayClient(system.gatewayUrl, credentialsOf(system).api_key);
let github: GithubDouble;
let told = 0;

beforeAll(async () => {
  await untilReady(system);
  github = await GithubDouble.start({ port: Number(required('MAGISTRY_TEST_GITHUB_PORT')) });
  github.permissions.set('Codertocat', 'write');
  expect((await client.write('POST', '/api/v1/agents', POOR)).status).toBe(201);
});
beforeEach(() => {
  told = github.comments.length;
});
afterAll(async () => {
  await client.write('DELETE', `/api/v1/agents/${POOR.slug}`, undefined);
  await github.close();
});

/** No two texts are the same: a body that comes again is a replay. */
const asking = (command: string) => `${command}\n\n(${randomUUID()})`;

/** Waits until the command's comment says how it ended. */
function untilTold(words: string) {
  return eventually(ANSWER_MS_MAX, () => {
    const found = github.comments.slice(told).find(({ body }) => body.includes(words));
    if (!found) throw new Error(`nothing was told with "${words}"`);
    return found;
  });
}

test.each([
  ['issue_comment', 'created', { kind: 'issues', number: 1 }],
  ['pull_request_review_comment', 'created', { kind: 'pulls', number: 2 }],
  ['pull_request', 'opened', { kind: 'issues', number: 2 }],
])(
  'a command in %s is answered {"status":"ok"}, runs its agent, and the output is posted back',
  async (event, action, where) => {
    const { status, text, headers } = await deliver(system, githubPayload(event, action, asking(COMMAND)), {
      event,
    });
    expect([status, text]).toEqual([200, '{"status":"ok"}']);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const comment = await untilTold('succeeded');
    expect(comment).toMatchObject(where);
    expect(comment.body).toContain(OUTPUT);
    const [runId = ''] = /mag-[0-9a-f]{8}/.exec(comment.body) ?? [];
    expect((await client.get(`/api/v1/runs/${runId}`)).json).toMatchObject({
      slug: 'offer-orchestrator-mag',
      summary: { status: 'success' },
    });
  },
);

test('a run that fails is posted back with why', async () => {
  await deliver(
    system,
    githubPayload('issue_comment', 'created', asking('@penniless-agent {"question": "?"}')),
  );
  const { body } = await untilTold('**`penniless-agent`** failed.');
  expect(body).toMatch(/```text\nexecution_failed: The run failed: one model call may cost 1 micros/);
});

test.each<[string, string]>([
  ['no signature', ''],
  ['one of another secret', `sha256=${'a'.repeat(64)}`],
  ['one of another form', 'sha256=xyz'],
  ['an older one', `sha1=${'a'.repeat(40)}`],
])('401 invalid_signature with %s, and nothing is run', async (_, signature) => {
  const payload = githubPayload('issue_comment', 'created', asking(COMMAND));
  const { status, json } = await deliver(system, payload, { signature });
  expect([status, json]).toEqual([401, { code: 'invalid_signature', message: expect.any(String) }]);
  expect(github.comments).toHaveLength(told);
});

test('GET /github/health says that commands can be answered', async () => {
  const { status, json } = await client.withKey(undefined).get('/api/v1/github/health');
  expect([status, json]).toEqual([200, { status: 'ok', configured: true, missing: [] }]);
});
