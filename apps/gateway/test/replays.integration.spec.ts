import { setTimeout as sleep } from 'node:timers/promises';
import { planner } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { jsonAnswer } from '@magistry/messaging';
import { required } from '@magistry/testing';
import { Redis } from 'ioredis';
import type { Gateway } from '../src/gateway.js';
import { DoubledServices, PROPOSAL, startTestGateway } from './platform.fixture.js';
import { PROPOSE_PATH as PATH, Retrier } from './retrier.fixture.js';

let gateways: readonly Gateway[];
let doubles: DoubledServices;
let redis: Redis;

beforeAll(async () => {
  redis = new Redis(required('MAGISTRY_TEST_REDIS_URL'));
  doubles = await DoubledServices.start();
  gateways = await Promise.all([startTestGateway(), startTestGateway()]);
});
beforeEach(() => {
  doubles.proposals.length = 0;
  let asked = 0;
  doubles.onPropose = async () => jsonAnswer({ decision_id: ++asked });
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await doubles.stop();
  redis.disconnect();
});

test('a retry gets the first answer byte for byte, marked, with a request id of its own', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const first = await client.send(PROPOSAL, { 'x-request-id': 'first' });
  await client.untilKept();
  const again = await client.send(PROPOSAL, { 'x-request-id': 'again' });
  expect([again.status, again.text]).toEqual([first.status, first.text]);
  expect(again.headers).toMatchObject({
    'content-type': first.headers['content-type'],
    'idempotent-replayed': 'true',
    'idempotency-original-request-id': 'first',
    'x-request-id': 'again',
    'x-ratelimit-limit': '100000',
  });
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(doubles.proposals).toHaveLength(1);
});

test('another spelling of the same JSON and of the key is the same request', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const first = await client.send('{"evidence_tier":"A","action":"A","x":1.0}');
  await client.untilKept();
  const again = await client.send('{ "action":"A", "x":1, "evidence_tier":"A" }', {
    'idempotency-key': `"${client.key}"`,
  });
  expect(again.text).toBe(first.text);
  expect(doubles.proposals).toHaveLength(1);
});

test.each([
  ['body', { ...PROPOSAL, delta_eur: -7 }, PATH],
  ['query', PROPOSAL, `${PATH}?x=1`],
  ['route', PROPOSAL, '/v1/decisions/7/reverse'],
])(
  'the same key with another %s is 422 and names it, while it runs and afterwards',
  async (part, body, path) => {
    const client = new Retrier({ gateways, doubles, redis });
    doubles.onPropose = async () => {
      await sleep(100);
      return jsonAnswer({ decision_id: 1 });
    };
    const first = client.send();
    await sleep(40);
    const meanwhile = await client.send(body, {}, path);
    await first;
    await client.untilKept();
    const afterwards = await client.send(body, {}, path);
    for (const refused of [meanwhile, afterwards]) {
      expect([refused.status, refused.json.code]).toEqual([422, 'idempotency_key_reused']);
      expect(refused.json.mismatch).toContain(part);
    }
    expect(doubles.proposals).toHaveLength(1);
  },
);

test('a twin of a running request is 409 with Retry-After, and gets the answer later', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  doubles.onPropose = async () => {
    await sleep(150);
    return jsonAnswer({ decision_id: 1 });
  };
  const first = client.send();
  await sleep(50);
  const twin = await client.send();
  expect([twin.status, twin.json.code, twin.headers['retry-after']]).toEqual([
    409,
    'idempotency_in_progress',
    '1',
  ]);
  const { text } = await first;
  await client.untilKept();
  expect((await client.send()).text).toBe(text);
});

test('of 100 copies at once one reaches the service, and all answers are its own or 409', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const answers = await Promise.all(Array.from({ length: 100 }, () => client.send()));
  expect(doubles.proposals).toHaveLength(1);
  const texts = new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text));
  expect([...texts]).toEqual(['{"decision_id":1}']);
  expect(answers.filter(({ status }) => status !== 200 && status !== 409)).toEqual([]);
});

test.each(['not_reversible', 'conflict', 'state_moved'] as const)(
  'a refusal %s is kept and repeated byte for byte',
  async (code) => {
    const client = new Retrier({ gateways, doubles, redis });
    doubles.onPropose = async () => {
      throw new ProblemError(code, 'No.', { extras: { state: 'PRICE=1.00' } });
    };
    const first = await client.send();
    await client.untilKept();
    const again = await client.send();
    expect([again.status, again.text]).toEqual([first.status, first.text]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(doubles.proposals).toHaveLength(1);
  },
);

test.each([
  'validation_failed',
  'access_denied',
  'not_found',
  'rate_limit_exceeded',
  'server_error',
  'service_unavailable',
] as const)('a refusal %s frees the key, also for another body', async (code) => {
  const client = new Retrier({ gateways, doubles, redis });
  doubles.onPropose = async () => {
    throw new ProblemError(code, 'No.');
  };
  await client.send();
  await client.untilKept();
  doubles.onPropose = async () => jsonAnswer({ decision_id: 2 });
  const again = await client.send({ ...PROPOSAL, delta_eur: -1 });
  expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, undefined]);
});

test('an answer without effect frees the key: a dry run may be followed by the real one', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  doubles.onPropose = async () => ({ ...jsonAnswer({ status: 'DRY_RUN' }), withoutEffect: true });
  await client.send({ ...PROPOSAL, dry_run: true });
  expect(await client.untilKept()).toEqual({});
  expect((await client.send({ ...PROPOSAL, dry_run: false })).status).toBe(200);
});

test('after a timeout the service is asked again under the same key, and its answer is kept', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const inner = doubles.onPropose;
  doubles.onPropose = () => sleep(2_200).then(() => jsonAnswer({ decision_id: 99 }));
  expect((await client.send()).status).toBe(504);
  expect(await client.untilKept()).toMatchObject({ state: 'unknown' });
  doubles.onPropose = inner;
  const settled = await client.send();
  expect(settled.text).toBe('{"decision_id":1}');
  expect(doubles.proposals.map(({ context }) => context.idempotency?.key)).toEqual([client.key, client.key]);
  await client.untilKept();
  expect((await client.send()).headers['idempotent-replayed']).toBe('true');
});

test('where the service was not reached the key is free again', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  await doubles.remove(planner.propose);
  expect((await client.send()).status).toBe(503);
  await doubles.restore();
  expect(await client.untilKept()).toEqual({});
  expect((await client.send()).status).toBe(200);
});

test('a lapsed claim is taken over, and its first owner can no longer write its answer', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const answer = Promise.withResolvers<unknown>();
  doubles.onPropose = () => answer.promise;
  const first = client.send();
  while (doubles.proposals.length === 0) await sleep(5);
  const [name = ''] = await redis.keys(`magistry:{${await client.principal()}}:claim:*`);
  await redis.hset(name, 'deadline', '1');
  doubles.onPropose = async () => jsonAnswer({ decision_id: 'second' });
  expect((await client.send()).json).toEqual({ decision_id: 'second' });
  await client.untilKept();
  answer.resolve(jsonAnswer({ decision_id: 'zombie' }));
  await first;
  await sleep(50);
  expect((await client.send()).json).toEqual({ decision_id: 'second' });
});

test("the service's own replay is passed on with the request that it names", async () => {
  const client = new Retrier({ gateways, doubles, redis });
  doubles.onPropose = async () => ({
    ...jsonAnswer({ decision_id: 5 }),
    headers: { 'Idempotent-Replayed': 'true', 'Idempotency-Original-Request-Id': 'long-ago' },
  });
  await client.send();
  await client.untilKept();
  expect((await client.send()).headers['idempotency-original-request-id']).toBe('long-ago');
});

test('keys mean something to their principal alone', async () => {
  const [one, other] = [new Retrier({ gateways, doubles, redis }), new Retrier({ gateways, doubles, redis })];
  const first = await one.send();
  const second = await other.send(PROPOSAL, { 'idempotency-key': one.key });
  expect([first.text, second.text]).toEqual(['{"decision_id":1}', '{"decision_id":2}']);
});

test('a dump of Redis shows neither the key nor the answer', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  doubles.onPropose = async () => jsonAnswer({ key: 'sk_live_very_secret' });
  await client.send();
  const record = await client.untilKept();
  const names = await redis.keys('*');
  const dump = JSON.stringify([names, record]);
  expect(record['state']).toBe('completed');
  expect(dump).not.toContain('sk_live_very_secret');
  expect(dump).not.toContain(client.key);
});

test.each(['}{', '{a}', '$(x)', "'; DROP", 'magistry:{x}', '*', '"\\"\\\\"', '~'.repeat(255)])(
  'the hostile key %j is only a key',
  async (hostile) => {
    const client = new Retrier({ gateways, doubles, redis });
    const headers = { 'idempotency-key': hostile };
    const sendable = /[ ]/.test(hostile)
      ? { 'idempotency-key': JSON.stringify(hostile.replace(/ /g, '')) }
      : headers;
    const first = await client.send(PROPOSAL, sendable);
    expect(first.status).toBe(200);
    await client.untilKept();
    expect((await client.send(PROPOSAL, sendable)).text).toBe(first.text);
  },
);

test('a flush of Redis between request and retry leaves the answer to the service', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  await client.send();
  await client.untilKept();
  await redis.flushall();
  expect((await client.send()).text).toBe('{"decision_id":2}');
  expect(doubles.proposals.map(({ context }) => context.idempotency?.key)).toEqual([client.key, client.key]);
});

test('records live 24 hours, and no key of ours lives for ever', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  await client.send();
  await client.untilKept();
  const [claim = ''] = await redis.keys(`magistry:{${await client.principal()}}:claim:*`);
  const dayMs = 24 * 60 * 60 * 1_000;
  expect(await redis.pttl(claim)).toBeGreaterThan(dayMs - 60_000);
  const names = await redis.keys('magistry:*');
  expect(await Promise.all(names.map((name) => redis.pttl(name)))).not.toContain(-1);
});
