import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { removeHome } from '../../../infra/local/home.ts';
import { Stack } from '../../../infra/local/stack.ts';
import { report } from './kills.fixture.js';
import { chooseSeed, SeededRandom } from './seeded-random.fixture.js';
import { killProcess, type RunningSystem } from './system.fixture.js';
import { WebhookLoad } from './webhook-load.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

const EVENTS = 10_000;
const PER_SECOND = 120;
const START_MS_MAX = 120_000;
const TEST_MS_MAX = 15 * 60_000;

const random = new SeededRandom(chooseSeed());
let stack: Stack;
let system: RunningSystem;
let workspaces: Workspaces;
let load: WebhookLoad;

beforeAll(async () => {
  report(`kill moments of MAGISTRY_TEST_SEED=${random.seed}`);
  stack = new Stack({
    home: mkdtempSync(join(tmpdir(), 'magistry-test-faults-')),
    services: true,
    restartPolicy: { healthyAfterMs: 2_000, longestDelayMs: 1_000 },
  });
  await stack.start();
  const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
  system = { gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder };
  workspaces = await Workspaces.open(system);
  load = await WebhookLoad.open(await workspaces.create(), 20);
}, START_MS_MAX);
afterAll(async () => {
  await load?.close();
  await workspaces?.close();
  await stack.stop();
  removeHome(stack.home);
}, START_MS_MAX);

test(
  'ten thousand events through kills of the worker, flushes of Redis and restarts of NATS and Postgres: none is lost',
  async () => {
    const second = await stack.startExtra({
      service: 'webhooks',
      name: 'webhooks-worker-2',
      entry: 'worker',
    });
    expect(second.pid).toBeDefined();
    let isPublishing = true;
    const publishing = load.publish(EVENTS, PER_SECOND).finally(() => {
      isPublishing = false;
    });
    const redis = new Redis(system.redisUrl);
    const injected: Record<string, number> = {};
    const others = ['redis', 'nats', 'postgres', 'flush'];
    for (let round = 1; isPublishing; round += 1) {
      await pause(random.integer(2_000, 5_000));
      const other = others[random.integer(0, others.length - 1)] ?? 'flush';
      const name =
        round % 3 === 0 ? other : random.integer(0, 1) === 0 ? 'webhooks-worker' : 'webhooks-worker-2';
      if (name === 'flush') await redis.flushall();
      else await killProcess(system, name);
      injected[name] = (injected[name] ?? 0) + 1;
    }
    await publishing;
    redis.disconnect();
    const { accepted, arrived, lost, doubled } = await load.settle();
    report(
      `${accepted} events, ${JSON.stringify(injected)}: ${arrived} arrivals, ${doubled} of them doubled`,
    );
    expect({ accepted, lost }).toEqual({ accepted: EVENTS, lost: 0 });
  },
  TEST_MS_MAX,
);
