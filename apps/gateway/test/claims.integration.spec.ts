import { setTimeout as sleep } from 'node:timers/promises';
import { jsonAnswer } from '@magistry/messaging';
import { required } from '@magistry/testing';
import { Redis } from 'ioredis';
import type { Gateway } from '../src/gateway.js';
import { DoubledServices, PROPOSAL, startTestGateway } from './platform.fixture.js';
import { PROPOSE_PATH, Retrier } from './retrier.fixture.js';

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
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await doubles.stop();
  redis.disconnect();
});

test('who leaves and asks again is not kept waiting by the request that it has left', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const held = Promise.withResolvers<void>();
  doubles.onPropose = async () => {
    await held.promise;
    return jsonAnswer({ decision_id: 1 });
  };
  const leaving = new AbortController();
  const left = client.send(PROPOSAL, {}, PROPOSE_PATH, leaving.signal).catch((error: Error) => error.name);
  while (doubles.proposals.length === 0) await sleep(5);
  leaving.abort();
  expect(await left).toBe('AbortError');
  expect(await client.untilKept()).toMatchObject({ state: 'unknown' });
  const again = client.send();
  while (doubles.proposals.length < 2) await sleep(5);
  held.resolve();
  expect((await again).status).toBe(200);
  expect(doubles.proposals.map(({ context }) => context.idempotency?.key)).toEqual([client.key, client.key]);
});

test('the claim of a gateway that has died is taken over by a retry, one of a living gateway is not', async () => {
  const client = new Retrier({ gateways, doubles, redis });
  const held = Promise.withResolvers<void>();
  doubles.onPropose = async () => {
    await held.promise;
    return jsonAnswer({ decision_id: 1 });
  };
  const first = client.send();
  while (doubles.proposals.length === 0) await sleep(5);
  for (let retry = 0; retry < 4; retry += 1) expect((await client.send()).status).toBe(409);
  const name = await client.claimName();
  expect(await redis.hget(name, 'state')).toBe('running');
  await redis.hset(name, 'owner', 'a-gateway-that-nobody-has-heard-of:1');
  expect((await client.send()).status).toBe(409);
  expect(await client.untilKept()).toMatchObject({ state: 'unknown' });
  held.resolve();
  expect((await client.send()).status).toBe(200);
  expect((await first).status).toBe(200);
});
