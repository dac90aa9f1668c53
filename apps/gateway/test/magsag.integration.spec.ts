import { setTimeout as pause } from 'node:timers/promises';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  KEYS,
  LINEN_HOUSE,
  openAccount,
  startTestGateway,
} from './platform.fixture.js';

const SECRET = 'local-dev-key';
const AGENTS = '/api/v1/agents';
const QPS = 3;

let gateway: Gateway;
let doubles: DoubledServices;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway({
    magsagKey: { secret: SECRET, workspace: LINEN_HOUSE.slug },
    runsPerSecond: QPS,
    runsPrefix: '/magsag',
  });
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

const read = (path: string, headers: Record<string, string>) => send(gateway.url, path, { headers });

test.each([
  ['Authorization', bearer(SECRET)],
  ['x-api-key', { 'x-api-key': SECRET }],
])('the shared secret acts in its workspace, sent as %s', async (_, headers) => {
  await pause(1_000);
  const { status, json } = await read(AGENTS, headers);
  expect(status).toBe(200);
  expect(json).toEqual([{ slug: 'linen-house', title: 'system:magsag', description: '' }]);
});

test.each([
  ['another secret', bearer('local-dev-kez')],
  ['a longer one', bearer(`${SECRET}0`)],
  ['the secret beside a key', { ...bearer(SECRET), 'x-api-key': KEYS.full }],
])('%s is unauthorized', async (_, headers) => {
  const { status, json } = await read(AGENTS, headers);
  expect({ status, code: json.code }).toEqual({ status: 401, code: 'unauthorized' });
});

test('the shared secret opens nothing but the routes of seed 004', async () => {
  expect((await read('/v1/decisions', bearer(SECRET))).status).toBe(401);
  expect((await read('/api/v1/workspaces', bearer(SECRET))).status).toBe(401);
  expect((await read('/api/v1/messages', bearer(SECRET))).json).toEqual({
    error: { code: 'invalid_api_key', message: 'Invalid API key' },
  });
});

test('the shared secret acts in no other workspace', async () => {
  await pause(1_000);
  const { status } = await read(AGENTS, { ...bearer(SECRET), 'x-workspace-id': 'oak-mill' });
  expect(status).toBe(404);
});

test('a gateway whose shared secret has no workspace anywhere refuses it, and says so', async () => {
  const lost = await startTestGateway({ magsagKey: { secret: SECRET, workspace: 'nowhere' } });
  try {
    const { status, json } = await send(lost.url, AGENTS, { headers: bearer(SECRET) });
    expect({ status, code: json.code }).toEqual({ status: 404, code: 'not_found' });
  } finally {
    await lost.stop();
  }
});

test('more requests a second than the deployment allows are refused in the words of the seed', async () => {
  const key = openAccount({ tier: 'enterprise' });
  const answers = await Promise.all(Array.from({ length: QPS + 3 }, () => read(AGENTS, bearer(key))));
  const refused = answers.filter(({ status }) => status === 429);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(QPS);
  expect(refused.length).toBeGreaterThanOrEqual(1);
  expect(refused[0]?.json).toEqual({
    code: 'rate_limit_exceeded',
    message: `Rate limit exceeded. Maximum ${QPS} requests per second.`,
  });
  expect((await read('/v1/decisions', bearer(key))).status).toBe(200);
});

test('agents and runs are reached below the other prefix too, and nothing else is', async () => {
  await pause(1_000);
  const headers = bearer(openAccount());
  expect((await read('/magsag/agents', headers)).status).toBe(200);
  expect((await read('/api/v1/agents', headers)).status).toBe(200);
  const elsewhere = await read('/magsag/decisions', headers);
  expect({ status: elsewhere.status }).toEqual({ status: 404 });
  expect((await read('/magsag/agentsx', headers)).status).toBe(404);
});
