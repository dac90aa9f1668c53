import { setTimeout as sleep } from 'node:timers/promises';
import { jsonAnswer } from '@magistry/messaging';
import type { Gateway } from '../src/gateway.js';
import { type Answered, send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  openAccount,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';

/** Of which nothing refills for ten seconds, however busy the machine is. */
const SLOW_PER_MINUTE = 6;
const [CONCURRENT_MAX, AT_ONCE] = [6, 40];

let gateways: Gateway[];
let doubles: DoubledServices;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateways = await Promise.all([startTestGateway(), startTestGateway()]);
});
afterEach(() => {
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await doubles.stop();
});

const urlOf = (call = 0) => gateways[call % gateways.length]?.url ?? '';
const read = (key: string, call = 0) => send(urlOf(call), '/v1/decisions', { headers: bearer(key) });
const write = (key: string, body: unknown = PROPOSAL, call = 0) =>
  send(urlOf(call), '/v1/planner/propose', {
    method: 'POST',
    headers: writeHeaders(key),
    body: JSON.stringify(body),
  });
const rateHeaders = ({ headers }: Answered) => [
  headers['x-ratelimit-limit'],
  headers['x-ratelimit-remaining'],
  headers['ratelimit-policy'],
  headers['ratelimit'],
];

test('a fresh token reads and writes under limits of their own, and every answer says how many are left', async () => {
  const key = openAccount();
  expect(rateHeaders(await read(key))).toEqual([
    '600',
    '599',
    '"sustained";q=600;w=60, "burst";q=1000;w=10',
    '"sustained";r=599;t=1, "burst";r=899;t=1',
  ]);
  expect(rateHeaders(await write(key))).toEqual([
    '60',
    '59',
    '"sustained";q=60;w=60, "burst";q=120;w=10',
    '"sustained";r=59;t=1, "burst";r=109;t=1',
  ]);
  const askedAt = Date.now() / 1_000;
  const resetAt = Number((await read(key)).headers['x-ratelimit-reset']);
  expect(resetAt).toBeGreaterThan(askedAt - 1);
  expect(resetAt).toBeLessThan(Date.now() / 1_000 + 2);
});

test.each([
  ['403', { scopes: ['none:read'] }, '/v1/decisions', {}],
  ['404', {}, '/v1/decisions', { 'x-workspace-id': 'elsewhere' }],
])(
  'an authenticated %s carries the fields too and costs one request',
  async (status, account, path, more) => {
    const key = openAccount(account);
    const refused = await send(urlOf(), path, { headers: { ...bearer(key), ...more } });
    expect(refused.status).toBe(Number(status));
    expect(rateHeaders(refused).slice(0, 2)).toEqual(['600', '599']);
  },
);

test.each([
  ['a body that is no JSON', '{', 400],
  ['a body that is too large', `{"x":"${'x'.repeat(300_000)}"}`, 413],
])('%s costs one request and says so', async (_, body, status) => {
  const refused = await send(urlOf(), '/v1/planner/propose', {
    method: 'POST',
    headers: writeHeaders(openAccount()),
    body,
  });
  expect([refused.status, refused.headers['x-ratelimit-remaining']]).toEqual([status, '59']);
});

test('1,000 concurrent calls over two gateways: the limit and what refilled meanwhile get through', async () => {
  const perMinute = 300;
  const capacity = 450;
  const key = openAccount({ limitPerMinute: perMinute });
  const startedAt = performance.now();
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, call) => read(key, call)));
  const refilled = Math.ceil(((performance.now() - startedAt) * perMinute) / 60_000);
  const admitted = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ status }) => status === 429).length;
  expect(admitted + refused).toBe(1_000);
  expect(admitted).toBeGreaterThanOrEqual(capacity);
  expect(admitted).toBeLessThanOrEqual(capacity + refilled);
}, 60_000);

test('a refusal says when to come back, costs nothing, and is lifted then', async () => {
  const key = openAccount({ limitPerMinute: 60 });
  const answers: Answered[] = [];
  for (let call = 0; call < 140; call += 1) answers.push(await write(key, PROPOSAL, call));
  const refused = answers.filter(({ status }) => status === 429);
  const [first] = refused;
  expect(first?.json).toMatchObject({
    code: 'rate_limit_exceeded',
    violated_policies: ['burst'],
    retry_after: 1,
    limit: 60,
    remaining: 0,
  });
  expect(first?.headers['retry-after']).toBe('1');
  expect(first?.headers['ratelimit']).toMatch(/^"sustained";r=0;t=\d+, "burst";r=0;t=1$/);
  await sleep(1_010);
  expect((await write(key)).status).toBe(200);
});

test('a principal over its limit is refused before its body is read', async () => {
  const key = openAccount({ limitPerMinute: 1 });
  let last = await write(key);
  for (let call = 0; call < 3; call += 1) last = await write(key);
  expect(last.status).toBe(429);
  const unread = await send(urlOf(), '/v1/planner/propose', {
    method: 'POST',
    headers: { ...writeHeaders(key), 'content-length': '99999999' },
    body: 'x',
  }).catch((error: Error) => error);
  expect(unread).toMatchObject({ status: 429 });
});

test('a changed limit counts on the next request, and what was used before stays used', async () => {
  const principalId = `key:changed-${Date.now()}`;
  const low = openAccount({ principalId, limitPerMinute: 2 });
  for (let call = 0; call < 3; call += 1) await read(low);
  expect((await read(low)).status).toBe(429);
  const raised = await read(openAccount({ principalId, limitPerMinute: SLOW_PER_MINUTE }));
  expect([raised.status, raised.headers['ratelimit']]).toEqual([
    200,
    expect.stringMatching(/^"sustained";r=[23];t=10, "burst";r=[56];t=\d+$/),
  ]);
});

test('a rotated key stays in its bucket', async () => {
  const principalId = `key:rotated-${Date.now()}`;
  const rotated = () => openAccount({ principalId, limitPerMinute: SLOW_PER_MINUTE });
  await read(rotated());
  expect(rateHeaders(await read(rotated()))[1]).toBe('4');
});

test('the kill switch has a bucket of its own', async () => {
  const key = openAccount({ limitPerMinute: 1 });
  for (let call = 0; call < 5; call += 1) await write(key);
  const { 'idempotency-key': _, ...headers } = writeHeaders(key);
  const body = '{"engaged":true,"reason":"stop"}';
  expect((await send(urlOf(), '/v1/killswitch', { method: 'PUT', headers, body })).status).toBe(200);
});

test('calls without valid credentials are limited by address, and never charged to a key from there', async () => {
  const narrow = await startTestGateway({ unauthenticatedPerMinute: 3 });
  const ask = (headers: Record<string, string>) => send(narrow.url, '/v1/decisions', { headers });
  const answers: number[] = [];
  for (let call = 0; call < 60; call += 1) answers.push((await ask({})).status);
  await narrow.stop();
  expect(answers.at(-1)).toBe(429);
  expect(new Set(answers)).toEqual(new Set([401, 429]));
  expect(rateHeaders(await read(openAccount()))[1]).toBe('599');
});

test('no more requests of one key run at once than the concurrency limit, over two gateways', async () => {
  const start = () => startTestGateway({ concurrentRequestsMax: CONCURRENT_MAX });
  const narrow = await Promise.all([start(), start()]);
  const { promise: all, resolve: release } = Promise.withResolvers<void>();
  let [running, refused] = [0, 0];
  // Nobody's request ends before each of the others runs or was refused.
  const count = () => running + refused === AT_ONCE && release();
  doubles.onPropose = async () => {
    running += 1;
    count();
    await all;
    return jsonAnswer({ decision_id: 1 });
  };
  const key = openAccount();
  const call = async (index: number) => {
    const answered = await send(narrow[index % 2]?.url ?? '', '/v1/planner/propose', {
      method: 'POST',
      headers: writeHeaders(key),
      body: JSON.stringify(PROPOSAL),
    });
    if (answered.status === 429) refused += 1;
    count();
    return answered;
  };
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => call(index)));
  const again = await call(0);
  await Promise.all(narrow.map((gateway) => gateway.stop()));
  expect([running - 1, refused]).toEqual([CONCURRENT_MAX, AT_ONCE - CONCURRENT_MAX]);
  const first = answers.find(({ status }) => status === 429);
  expect(first?.json).toMatchObject({ violated_policies: ['concurrency'] });
  expect(again.status).toBe(200);
});
