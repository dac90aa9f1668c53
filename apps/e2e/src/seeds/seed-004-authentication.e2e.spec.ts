import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayClient } from '../gateway.fixture.js';
import { credentialsOf, systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { gatewayWith, OFFER_RUN, SHARED_SECRET } from './seed-004.fixture.js';

const UNAUTHORIZED = {
  code: 'unauthorized',
  message:
    'A valid credential is required: send it once, as "Authorization: Bearer <key or token>" or as "x-api-key: <key>".',
};
const ENDPOINTS = [
  ['GET', '/api/v1/agents'],
  ['POST', OFFER_RUN],
  ['GET', '/api/v1/runs/mag-a1b2c3d4'],
  ['GET', '/api/v1/runs/mag-a1b2c3d4/logs'],
  ['GET', '/api/v1/runs/mag-a1b2c3d4/logs?follow=true'],
] as const;
const system = systemUnderTest();
const stranger = new GatewayClient(system.gatewayUrl, undefined);
let workspaces: Workspaces;
let home: TestWorkspace;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
});
afterAll(() => workspaces.close());

const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const apiKey = (secret: string) => ({ 'x-api-key': secret });

test.each([
  ['Authorization: Bearer', bearer],
  ['x-api-key', apiKey],
])('MAGSAG_API_KEY and a key of a workspace open the endpoints as %s', async (_, headersOf) => {
  for (const secret of [SHARED_SECRET, home.key]) {
    const headers = headersOf(secret);
    const body = { payload: { role: 'Engineer' } };
    const { status, json } = await stranger.send(OFFER_RUN, { method: 'POST', headers, body });
    expect(status).toBe(200);
    for (const path of ['/api/v1/agents', json.artifacts.summary, json.artifacts.logs])
      expect((await stranger.get(path, headers)).status).toBe(200);
  }
});

describe.each(ENDPOINTS)('%s %s', (method, path) => {
  test.each<[string, () => Record<string, string>]>([
    ['no credential', () => ({})],
    ['another secret', () => bearer('another-dev-key')],
    ['another secret as x-api-key', () => apiKey('another-dev-key')],
    ['the secret without its scheme', () => ({ authorization: SHARED_SECRET })],
    ['the secret as Basic', () => ({ authorization: `Basic ${SHARED_SECRET}` })],
    ['two credentials', () => ({ ...bearer(SHARED_SECRET), ...apiKey(home.key) })],
    ['a key that was never issued', () => bearer(`${home.key.slice(0, -1)}_`)],
  ])('401 unauthorized with %s, and nothing else is told', async (_, headersOf) => {
    const { status, json, headers } = await stranger.send(path, { method, headers: headersOf() });
    expect([status, json]).toEqual([401, UNAUTHORIZED]);
    expect(headers['content-type']).toMatch(/^application\/json/);
  });
});

test('a credential in the query opens nothing', async () => {
  for (const name of ['api_key', 'x-api-key', 'token', 'access_token']) {
    const { status } = await stranger.get(`/api/v1/agents?${name}=${SHARED_SECRET}`);
    expect(status).toBe(401);
  }
});

test('without MAGSAG_API_KEY its secret opens nothing, keys of workspaces do, and no key is 401', async () => {
  const gateway = await gatewayWith({ MAGSAG_API_KEY: undefined, MAGSAG_WORKSPACE: undefined });
  try {
    const client = new GatewayClient(gateway.url, undefined);
    const statuses = [{}, bearer(SHARED_SECRET), apiKey(home.key)].map(
      async (headers) => (await client.get('/api/v1/agents', headers)).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 401, 200]);
  } finally {
    await gateway.kill();
  }
});

test.each([
  ['/health', { status: 'ok' }],
  ['/api/v1/github/health', { status: 'ok', configured: true, missing: [] }],
])('%s needs no credential', async (path, body) => {
  const { status, json } = await stranger.get(path);
  expect([status, json]).toEqual([200, body]);
  expect((await stranger.get(path, bearer('another-dev-key'))).status).toBe(200);
});

test('no secret is echoed by a refusal, or stands in a log of any process', async () => {
  const credentials = credentialsOf(system);
  const secrets = [SHARED_SECRET, 'ghp_double', home.key, credentials.github_webhook_secret];
  for (const secret of secrets) {
    const answers = [
      await stranger.get('/api/v1/agents', bearer(`${secret}x`)),
      await stranger.get('/api/v1/agents', { ...apiKey(secret), ...bearer('x') }),
      await stranger.get('/api/v1/runs/A', bearer(secret)),
      await home.client.send(OFFER_RUN, { method: 'POST', body: { payload: {} }, headers: apiKey(home.key) }),
    ];
    for (const { text, headers } of answers) {
      expect(text).not.toContain(secret);
      expect(JSON.stringify(headers)).not.toContain(secret);
    }
  }
  const logs = join(system.home, 'logs');
  const names = readdirSync(logs);
  expect(names).toEqual(expect.arrayContaining(['gateway.log', 'agents.log']));
  expect(readFileSync(join(logs, 'gateway.log'), 'utf8')).toContain('agents.run-agent');
  for (const name of names) {
    const text = readFileSync(join(logs, name), 'utf8');
    for (const secret of [...secrets, credentials.api_key, credentials.agent_key])
      expect({ name, isThere: text.includes(secret) }).toEqual({ name, isThere: false });
  }
});
