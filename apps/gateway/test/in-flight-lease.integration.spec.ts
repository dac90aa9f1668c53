import { randomUUID } from 'node:crypto';
import { publicOperations } from '@magistry/contracts';
import { createLogger } from '@magistry/telemetry';
import { required } from '@magistry/testing';
import { Redis } from 'ioredis';
import { Admission } from '../src/admission/admission.js';
import { IN_FLIGHT_LEASE_MS } from '../src/admission/in-flight.js';
import { inFlightKey } from '../src/admission/keys.js';
import { ruleFor } from '../src/admission/rate-table.js';

const LONGEST_MS = Math.max(...publicOperations.map(({ deadlineMs }) => deadlineMs));
const RULE = ruleFor('v1-write', { tier: '', limitPerMinute: 1_000_000 });

const redisUrl = required('MAGISTRY_TEST_REDIS_URL');
const gateways = [1, 2].map(
  () => new Admission({ redisUrl, concurrentMax: 1 }, createLogger('gateway', 'silent')),
);
let redis: Redis;
let principalId: string;

beforeAll(async () => {
  redis = new Redis(redisUrl);
  for (const gateway of gateways) await gateway.start();
});
beforeEach(() => {
  principalId = `key:${randomUUID()}`;
});
afterAll(() => {
  for (const gateway of gateways) gateway.stop();
  redis.disconnect();
});

const ask = async (gateway: number) => (await gateways[gateway]?.admit(principalId, RULE))?.violated;

/** What the gateways have said was said so much earlier: to Redis, as if that time had passed. */
async function age(ageMs: number): Promise<void> {
  const words = await redis.hgetall(inFlightKey(principalId));
  for (const [gateway, word] of Object.entries(words)) {
    const [count, toldUs] = word.split(' ').map(Number);
    await redis.hset(inFlightKey(principalId), gateway, `${count} ${Number(toldUs) - ageMs * 1_000}`);
  }
}

test('a place is held until the longest operation is over, and given up behind its lease', async () => {
  expect(await ask(0)).toBeUndefined();
  await age(LONGEST_MS);
  expect(await ask(1)).toBe('concurrency');
  await age(IN_FLIGHT_LEASE_MS - LONGEST_MS);
  expect(await ask(1)).toBeUndefined();
});

test('Redis keeps what a gateway has said for as long as the longest operation takes', async () => {
  await ask(0);
  expect(await redis.pttl(inFlightKey(principalId))).toBeGreaterThan(LONGEST_MS);
});
