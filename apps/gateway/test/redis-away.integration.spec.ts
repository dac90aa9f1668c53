import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonAnswer } from '@magistry/messaging';
import { createLogger } from '@magistry/telemetry';
import { Redis } from 'ioredis';
import { GATEWAYS_KEY } from '../src/admission/keys.js';
import type { Gateway } from '../src/gateway.js';
import { type Answered, send } from './http.fixture.js';
import { OwnRedis } from './own-redis.fixture.js';
import {
  bearer,
  DoubledServices,
  openAccount,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';

/** What it costs that Redis is away: the door gives up on it after 30 ms. */
const ADDED_MS_MAX = 50;
const USUAL_READS = 60;
const RECOVERY_MS_MAX = 5_000;

let redis: OwnRedis;
let gateways: Gateway[];
let doubles: DoubledServices;
let stalls: ReturnType<typeof monitorEventLoopDelay>;

beforeAll(async () => {
  doubles = await DoubledServices.start();
});
beforeEach(async () => {
  redis = await OwnRedis.start();
  const logger = createLogger('gateway', 'silent');
  const start = () => startTestGateway({ redisCacheUrl: redis.url }, logger);
  // One after the other, so that both know of each other before Redis goes.
  gateways = [await start(), await start()];
  await untilBothKnow();
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
  stalls = monitorEventLoopDelay({ resolution: 1 });
  stalls.enable();
});
afterEach(async () => {
  stalls.disable();
  redis.thaw();
  await redis.kill();
  await Promise.all(gateways.map((gateway) => gateway.stop()));
});
afterAll(() => doubles.stop());

/** Until the first has joined again, behind the second. */
async function untilBothKnow(): Promise<void> {
  const client = new Redis(redis.url);
  const joinsUs = async () => {
    const words = await client.zrange(GATEWAYS_KEY, '0', '-1', 'WITHSCORES');
    return words.filter((_, index) => index % 2 === 1).map(Number);
  };
  const lastUs = Math.max(...(await joinsUs()));
  while (Math.min(...(await joinsUs())) < lastUs) await sleep(50);
  client.disconnect();
}

const urlOf = (call: number) => gateways[call % 2]?.url ?? '';

async function timed(asking: Promise<Answered>): Promise<Answered & { tookMs: number }> {
  const startedAt = performance.now();
  const answered = await asking;
  return { ...answered, tookMs: performance.now() - startedAt };
}

const slowest = (answers: readonly { tookMs: number }[]) => Math.max(...answers.map(({ tookMs }) => tookMs));

/** The slowest answer on this machine, as busy as it is, while Redis is there. */
async function usualMs(): Promise<number> {
  const key = openAccount();
  const answers: { tookMs: number }[] = [];
  for (let call = 0; call < USUAL_READS; call += 1) answers.push(await read(key, call));
  return slowest(answers);
}

/** How much slower the slowest is, less what kept this whole process, gateways and client, from running. */
function addedMs(answers: readonly { tookMs: number }[], usual: number): number {
  return slowest(answers) - usual - stalls.max / 1_000_000;
}

const read = (key: string, call = 0) => timed(send(urlOf(call), '/v1/decisions', { headers: bearer(key) }));
const write = (key: string, idempotencyKey: string, call = 0) =>
  timed(
    send(urlOf(call), '/v1/planner/propose', {
      method: 'POST',
      headers: { ...writeHeaders(key), 'idempotency-key': idempotencyKey },
      body: JSON.stringify(PROPOSAL),
    }),
  );

/** Answers once limits are shared again: both gateways count in one bucket. */
async function untilShared(): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const key = openAccount();
    await read(key, 0);
    const { headers } = await read(key, 1);
    if (headers['x-ratelimit-remaining'] === '598') return performance.now() - startedAt;
    await sleep(50);
  }
}

const failures = [
  ['frozen', async () => redis.freeze(), async () => redis.thaw()],
  ['killed', () => redis.kill(), () => redis.restart()],
] as const;

describe.each(failures)('with Redis %s', (_, takeAway, bringBack) => {
  test('each gateway lets its share of what was left through, no answer 50 ms slower and none a 500', async () => {
    const key = openAccount({ limitPerMinute: 60 });
    const usual = await usualMs();
    await read(key, 0);
    await read(key, 1);
    await takeAway();
    stalls.reset();
    const startedAt = performance.now();
    const answers: (Answered & { tookMs: number })[] = [];
    for (let call = 0; call < 240; call += 1) answers.push(await read(key, call));
    const refilled = (performance.now() - startedAt) / 1_000;
    const admitted = answers.filter(({ status }) => status === 200);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect(admitted.length).toBeGreaterThanOrEqual(88);
    expect(admitted.length).toBeLessThanOrEqual(90 + Math.ceil(refilled));
    expect(addedMs(answers, usual)).toBeLessThan(ADDED_MS_MAX);
    expect(answers.find(({ status }) => status === 429)?.headers['retry-after']).toBeDefined();
  });

  test('keyed writes reach the service with their key, and limits are shared within 5 s of its return', async () => {
    const key = openAccount();
    const usual = await usualMs();
    await read(key);
    await takeAway();
    stalls.reset();
    const idempotencyKey = randomUUID();
    const answers = [await write(key, idempotencyKey, 0), await write(key, idempotencyKey, 1)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(addedMs(answers, usual)).toBeLessThan(ADDED_MS_MAX);
    expect(doubles.proposals.slice(-2).map(({ context }) => context.idempotency?.key)).toEqual([
      idempotencyKey,
      idempotencyKey,
    ]);
    await bringBack();
    expect(await untilShared()).toBeLessThan(RECOVERY_MS_MAX);
  });
});

test('a frozen Redis holds 200 requests at once no longer than one', async () => {
  const usual = await usualMs();
  const key = openAccount({ limitPerMinute: 100_000 });
  await read(key, 0);
  await read(key, 1);
  redis.freeze();
  const answers = await Promise.all(Array.from({ length: 200 }, (_, call) => read(key, call)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(addedMs([await read(key)], usual)).toBeLessThan(ADDED_MS_MAX);
});

test('a gateway starts, limits and answers without any Redis, and says so on /ready', async () => {
  const alone = await startTestGateway({ redisCacheUrl: 'redis://127.0.0.1:1' });
  const key = openAccount({ limitPerMinute: 2 });
  const answers: Answered[] = [];
  for (let call = 0; call < 6; call += 1) {
    answers.push(await send(alone.url, '/v1/decisions', { headers: bearer(key) }));
  }
  const ready = await send(alone.url, '/ready');
  await alone.stop();
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429, 429]);
  expect(ready.json).toMatchObject({ failures: { redis: 'does not answer' } });
});

test('scripts come back after a flush of Redis, in the same request', async () => {
  const key = openAccount();
  await read(key);
  const client = new Redis(redis.url);
  await client.script('FLUSH');
  await client.flushall();
  client.disconnect();
  const answered = await read(key);
  expect([answered.status, answered.headers['x-ratelimit-remaining']]).toEqual([200, '599']);
});
