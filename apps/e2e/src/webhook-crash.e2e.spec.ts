import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, systemUnderTest, untilReady } from './system.fixture.js';
import { percentile, WebhookLoad } from './webhook-load.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const system = systemUnderTest();
const random = new SeededRandom(chooseSeed());
let workspaces: Workspaces;
let load: WebhookLoad;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  workspaces = await Workspaces.open(system);
});
beforeEach(async () => {
  load = await WebhookLoad.open(await workspaces.create(), 10);
});
afterEach(() => load.close());
afterAll(() => workspaces?.close());

test('what is published arrives once each, and soon', async () => {
  await load.publish(300, 100);
  const { lost, doubled } = await load.settle();
  expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
  const delays = load.delays();
  report(`300 events: p50 ${percentile(delays, 0.5)} ms, p95 ${percentile(delays, 0.95)} ms to the receiver`);
}, 60_000);

test('kill -9 of the worker and a flush of Redis lose nothing', async () => {
  const publishing = load.publish(400, 80);
  const redis = new Redis(system.redisUrl);
  await pause(random.integer(500, 1_000));
  await killProcess(system, 'webhooks-worker');
  await pause(random.integer(500, 1_500));
  await redis.flushall();
  await pause(random.integer(200, 1_000));
  await killProcess(system, 'webhooks-worker');
  await publishing;
  redis.disconnect();
  const { accepted, lost, doubled } = await load.settle();
  expect(lost).toBe(0);
  report(`${accepted} events through 2 kills and a flush: ${doubled} arrived twice`);
  await untilReady(system);
}, 120_000);
