import { mintApiKey } from '@magistry/access';
import { eventually } from '../eventually.fixture.js';
import { GatewayClient, type Sent } from '../gateway.fixture.js';
import { OperatorCommand } from '../operator-command.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { expectError, INTEGRATIONS, integrate, MESSAGES, post, type Widget } from './seed-002.fixture.js';

/** As the seed prints it. */
const PRINTED = '{"error": {"code": "invalid_api_key", "message": "Invalid API key"}}';
const DISABLED_MS_MAX = 1_000;
/** Two commands of the operator, each a process of its own. */
const COMMANDS_MS_MAX = 60_000;
const MIB = 1024 * 1024;

const system = systemUnderTest();
const stranger = new GatewayClient(system.gatewayUrl, undefined);
let workspaces: Workspaces;
let home: TestWorkspace;
let widget: Widget;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  widget = await integrate(home);
});
afterAll(() => workspaces.close());

/** The same message twice: as one that is answered whole, and as one that would stream. */
async function expectBoth(client: GatewayClient, expected: [number, string, unknown?], headers = {}) {
  for (const stream of [false, true])
    expectError(await post(client, { content: 'Hello', stream }, headers), expected);
}

const flipped = (key: string) => key.replace(/.$/, (last) => (last === '0' ? '1' : '0'));

test.each<[string, () => object]>([
  ['no key', () => ({})],
  ['an empty header', () => ({ authorization: '' })],
  ['a scheme without a key', () => ({ authorization: 'Bearer' })],
  ['a key without a scheme', () => ({ authorization: widget.key })],
  ['another scheme', () => ({ authorization: `Basic ${widget.key}` })],
  ['a key as a user of Basic', () => ({ authorization: `Basic ${btoa(`${widget.key}:`)}` })],
  ['a scheme for tokens', () => ({ authorization: `DPoP ${widget.key}` })],
  ['two words behind the scheme', () => ({ authorization: `Bearer ${widget.key} ${widget.key}` })],
  ['the key of the examples', () => ({ authorization: 'Bearer magus_sk_your_key_here' })],
  ['a key of the printed form', () => ({ authorization: 'Bearer magus_sk_a1b2c3d4e5f6' })],
  ['a key with a letter changed', () => ({ authorization: `Bearer ${flipped(widget.key)}` })],
  ['a key in capitals', () => ({ authorization: `Bearer ${widget.key.toUpperCase()}` })],
  ['half a key', () => ({ authorization: `Bearer ${widget.key.slice(0, 30)}` })],
  [
    'a well-formed key that nobody was given',
    () => ({ authorization: `Bearer ${mintApiKey('magus_sk').credential}` }),
  ],
  ['two different keys', () => ({ authorization: `Bearer ${widget.key}`, 'x-api-key': home.key })],
  ['a key in a cookie', () => ({ cookie: `api_key=${widget.key}` })],
])('401 invalid_api_key for %s, as printed', async (_, headers) => {
  for (const stream of [false, true]) {
    const refused = await post(stranger, { content: 'Hello', stream }, headers());
    expect([refused.status, refused.text]).toEqual([401, JSON.stringify(JSON.parse(PRINTED))]);
    expect(refused.headers['content-type']).toBe('application/json; charset=utf-8');
  }
});

test('401 invalid_api_key for a key in the query', async () => {
  const body = { content: 'Hello' };
  const path = `${MESSAGES}?api_key=${widget.key}&key=${widget.key}`;
  const { status, json } = await stranger.send(path, { method: 'POST', body });
  expect([status, json]).toEqual([401, JSON.parse(PRINTED)]);
});

test('401 invalid_api_key for a key whose successor took its place', async () => {
  const { id, client } = await integrate(home);
  await post(client, { content: 'Hello' });
  await home.client.write('POST', `${INTEGRATIONS}/${id}/rotate`, { grace_period_hours: 0 });
  await eventually(DISABLED_MS_MAX, () => expectBoth(client, [401, 'invalid_api_key', 'Invalid API key']));
});

test('401 comes before 400: who has no key is told nothing of what is wrong with the message', async () => {
  for (const body of [{}, '{"content":', { content: 7 }])
    expectError(await post(stranger, body), [401, 'invalid_api_key', 'Invalid API key']);
});

test('403 integration_inactive while the integration is disabled, whatever is asked under its key', async () => {
  const { id, client } = await integrate(home);
  const { json } = await post(client, { content: 'Hello' });
  const path = `${INTEGRATIONS}/${id}`;
  const disabled = await home.client.write('PATCH', path, { status: 'disabled' });
  expect([disabled.status, disabled.json.data.status]).toEqual([200, 'disabled']);
  const inactive: [number, string, string] = [403, 'integration_inactive', 'This integration is disabled.'];
  await expectBoth(client, inactive);
  for (const [method, more] of [
    ['GET', ''],
    ['GET', `/${json.id}/events`],
    ['DELETE', `/${json.id}`],
  ] as const)
    expectError(await client.send(`${MESSAGES}${more}`, { method }), inactive);
  await home.client.write('PATCH', path, { status: 'active' });
  expect((await post(client, { content: 'Hello' })).status).toBe(200);
});

test(
  '403 integration_inactive while the integration is suspended, which its workspace cannot undo',
  async () => {
    const { id, client } = await integrate(home);
    const magistry = new OperatorCommand(system);
    const where = [String(id), '--workspace', home.slug];
    const suspended = await magistry.json(
      '--as',
      'bob',
      'integration',
      'suspend',
      ...where,
      '--reason',
      'abuse',
    );
    expect(suspended.json).toMatchObject({ id, status: 'suspended', suspension_reason: 'abuse' });
    const suspension: [number, string, string] = [
      403,
      'integration_inactive',
      'This integration is suspended.',
    ];
    await expectBoth(client, suspension);
    for (const status of ['disabled', 'active']) {
      const { json } = await home.client.write('PATCH', `${INTEGRATIONS}/${id}`, { status });
      expect(json.data.status).toBe('suspended');
      await expectBoth(client, suspension);
    }
    const rotated = await home.client.write('POST', `${INTEGRATIONS}/${id}/rotate`, {});
    await expectBoth(client.withKey(rotated.json.data.key), suspension);
    const listed = await home.client.get(`${INTEGRATIONS}?status=suspended`);
    expect(listed.json.data).toMatchObject([{ id, status: 'suspended' }]);
    expect((await home.client.get(`${INTEGRATIONS}?status=active`)).json.data).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    await magistry.json('integration', 'resume', ...where);
    expect((await post(client, { content: 'Hello' })).status).toBe(200);
  },
  COMMANDS_MS_MAX,
);

test('403 integration_inactive where the agent of the integration was removed, until it is there again', async () => {
  const agent = { slug: 'short-lived', title: 'Short-lived', description: 'Goes soon.' };
  await home.client.write('POST', '/api/v1/agents', agent);
  const { client } = await integrate(home, agent.slug);
  await home.client.write('DELETE', `/api/v1/agents/${agent.slug}`, undefined);
  const message = 'The agent of this integration, short-lived, was removed.';
  await expectBoth(client, [403, 'integration_inactive', message]);
  await home.client.write('POST', '/api/v1/agents', agent);
  expect((await post(client, { content: 'Hello' })).status).toBe(200);
});

describe('all errors follow the format, also those that seed 002 has no row for', () => {
  const asked = (path: string, sent: Sent = {}) => widget.client.send(`${MESSAGES}${path}`, sent);
  const hello = { content: 'Hello' };

  test.each<[string, () => ReturnType<typeof asked>, [number, string]]>([
    ['a message that is not there', () => asked('/msg_1/events'), [404, 'not_found']],
    ['a path that is not there', () => asked('/msg_1/nothing/more'), [404, 'not_found']],
    ['another method', () => asked('', { method: 'PUT', body: hello }), [405, 'method_not_allowed']],
    ['a query', () => asked('?limit=0'), [400, 'invalid_request']],
    [
      'another agent',
      () => asked('', { method: 'POST', body: { ...hello, agent: 'document-agent' } }),
      [403, 'access_denied'],
    ],
    [
      'a form',
      () => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        return asked('', { method: 'POST', body: 'content=Hello', headers });
      },
      [415, 'unsupported_media_type'],
    ],
    [
      'a body of more than 10 MiB',
      () => asked('', { method: 'POST', body: { content: 'a'.repeat(10 * MIB) } }),
      [413, 'payload_too_large'],
    ],
  ])('%s', async (_, ask, expected) => {
    expectError(await ask(), expected);
  });

  test('a key that was used for another message', async () => {
    const headers = { 'idempotency-key': 'error-responses' };
    await post(widget.client, hello, headers);
    expectError(await post(widget.client, { content: 'Bye' }, headers), [422, 'idempotency_key_reused']);
  });

  test('a key that asks too often', async () => {
    const key = await workspaces.createKey(home.id, ['*'], { limitPerMinute: 1 });
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => post(home.client.withKey(key), { content: 'Hello' })),
    );
    const refused = answers.find(({ status }) => status !== 200);
    expect(refused?.headers['retry-after']).toMatch(/^\d+$/);
    if (refused) expectError(refused, [429, 'rate_limit_exceeded']);
  });

  test('a key of the workspace without the scope for messages', async () => {
    const key = await workspaces.createKey(home.id, ['agents:read']);
    await expectBoth(home.client.withKey(key), [403, 'access_denied']);
  });
});
