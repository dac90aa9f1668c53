import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.fixture.js';
import { type Answered, GatewayClient } from '../gateway.fixture.js';
import type { ServiceProcess } from '../service-process.fixture.js';
import { credentialsOf, systemUnderTest } from '../system.fixture.js';
import { type TestWorkspace, Workspaces } from '../workspaces.fixture.js';
import { gatewayWith } from './seed-004.fixture.js';

const QPS = 5;
const PATH = '/api/v1/agents';
const EXCEEDED = `{"code":"rate_limit_exceeded","message":"Rate limit exceeded. Maximum ${QPS} requests per second."}`;
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
let gateways: ServiceProcess[];

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.create();
  const limited = () => gatewayWith({ MAGSAG_RATE_LIMIT_QPS: String(QPS) });
  gateways = await Promise.all([limited(), limited()]);
}, 60_000);
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.kill()));
  await workspaces.close();
});

const urlOf = (call = 0) => gateways[call % gateways.length]?.url ?? '';
const newKey = () => workspaces.createKey(home.id, ['*']);
const asStranger = () => new GatewayClient(urlOf(), undefined);

/** So many calls at once, over both gateways. */
function all(
  count: number,
  ask: (client: GatewayClient, call: number) => Promise<Answered>,
): Promise<Answered[]> {
  const askOne = (_: unknown, call: number) => ask(new GatewayClient(urlOf(call), undefined), call);
  return Promise.all(Array.from({ length: count }, askOne));
}
const count = (answers: Answered[], status: number) =>
  answers.filter((answered) => answered.status === status).length;
const refusalOf = (answers: Answered[]) => answers.find(({ status }) => status === 429);

test('exceeding the limit is 429 with the printed body, and passes again a moment later', async () => {
  const headers = { 'x-api-key': await newKey() };
  const refused = refusalOf(await all(4 * QPS, (client) => client.get(PATH, headers)));
  expect([refused?.text, refused?.headers['retry-after']]).toEqual([EXCEEDED, '1']);
  await eventually(3_000, async () => expect((await asStranger().get(PATH, headers)).status).toBe(200));
});

test('of many calls at once to two gateways, the limit passes and what refilled meanwhile', async () => {
  const headers = { authorization: `Bearer ${await newKey()}` };
  const startedAt = performance.now();
  const answers = await all(60, (client) => client.get(PATH, headers));
  const refilled = Math.ceil(((performance.now() - startedAt) * QPS) / 1_000);
  expect(count(answers, 200) + count(answers, 429)).toBe(60);
  expect(count(answers, 200)).toBeGreaterThanOrEqual(QPS);
  expect(count(answers, 200)).toBeLessThanOrEqual(QPS + refilled);
});

test('a key has one limit, as x-api-key and as bearer token, and another key has its own', async () => {
  const key = await newKey();
  const forms = [{ 'x-api-key': key }, { authorization: `Bearer ${key}` }];
  const answers = await all(40, (client, call) => client.get(PATH, forms[Math.floor(call / 2) % 2]));
  expect(count(answers, 429)).toBeGreaterThan(40 - 4 * QPS);
  expect((await asStranger().get(PATH, { 'x-api-key': await newKey() })).status).toBe(200);
});

test('who has no key is limited by address, with the same body, and no key is charged for it', async () => {
  const key = await newKey();
  const answers = await all(40, (client) => client.get(PATH));
  expect(count(answers, 401) + count(answers, 429)).toBe(40);
  expect(count(answers, 401)).toBeGreaterThanOrEqual(1);
  expect(count(answers, 429)).toBeGreaterThan(40 - 4 * QPS);
  expect(refusalOf(answers)?.text).toBe(EXCEEDED);
  expect((await asStranger().get(PATH, { 'x-api-key': key })).status).toBe(200);
});

test('keys that nobody has issued are one address, however many they are', async () => {
  const answers = await all(40, (client) => client.get(PATH, { 'x-api-key': `sk_live_${randomUUID()}` }));
  expect(count(answers, 429)).toBeGreaterThan(40 - 4 * QPS);
});

test('deliveries of GitHub are limited by address, too', async () => {
  const body = '{"zen": "Keep it logically awesome."}';
  const signature = await sign(credentialsOf(system).github_webhook_secret, body);
  const deliver = (client: GatewayClient) =>
    client.send('/api/v1/github/webhook', {
      ...{ method: 'POST', body },
      headers: {
        'x-github-event': 'ping',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': signature,
      },
    });
  await eventually(3_000, async () => expect((await deliver(asStranger())).status).toBe(200));
  const answers = await all(40, deliver);
  expect(count(answers, 200) + count(answers, 429)).toBe(40);
  expect(refusalOf(answers)?.text).toBe(EXCEEDED);
});

test('the health check of load balancers is not limited', async () => {
  expect(count(await all(40, (client) => client.get('/health')), 200)).toBe(40);
});

test('without the setting no such limit holds', async () => {
  const client = home.client.withKey(await newKey());
  const answers = await Promise.all(Array.from({ length: 100 }, () => client.get(PATH)));
  expect(count(answers, 200)).toBe(100);
});

test('MAGSAG_REDIS_URL names the Redis in which gateways count together', async () => {
  const redisUrl = `${system.redisUrl.replace(/\/\d*$/, '')}/7`;
  const redis = new Redis(redisUrl);
  const elsewhere = await gatewayWith({ MAGSAG_RATE_LIMIT_QPS: String(QPS), MAGSAG_REDIS_URL: redisUrl });
  try {
    const { status } = await new GatewayClient(elsewhere.url, await newKey()).get(PATH);
    expect(status).toBe(200);
    expect(await redis.keys('magistry:*:limit:runs')).toHaveLength(1);
  } finally {
    await elsewhere.kill();
    await redis.flushdb();
    redis.disconnect();
  }
});
