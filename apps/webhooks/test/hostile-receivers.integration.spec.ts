import { GuardedClient } from '@magistry/egress';
import {
  type BareReceiver,
  required,
  startHttpReceiver,
  startNameServer,
  startTcpReceiver,
} from '@magistry/testing';
import { Redis } from 'ioredis';
import { hostileCorpus, RETRY_AFTER_SECONDS } from './hostile-corpus.fixture.js';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { ids, type Sending, startSending, until } from './sending.fixture.js';

const TIMEOUT_MS = 3_000;
/** How long after its timeout an attempt may be noticed to be over on a busy machine; a lapsed lease takes 5 s. */
const TOLERANCE_MS = 2_000;
const EACH = 5;
const HEALTHY = 30;
const PUBLIC = '93.184.216.34';
const REBINDING = 'a name that leads to loopback on the second look-up';

interface AttemptRow {
  readonly endpoint_id: number;
  readonly status_code: number | null;
  readonly error: string | null;
  readonly started_at: Date;
  readonly duration_ms: number;
  readonly response_body: Buffer | null;
}

const retryAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 45_000);
const endpoints = new Map<string, number>();
const receivers = new Map<string, BareReceiver>();
const closing: (() => unknown)[] = [];
let sending: Sending;
let redis: Redis;
let inside: BareReceiver;
let healthy: Receiver;
let healthyEndpoint: number;

beforeAll(async () => {
  inside = await startTcpReceiver((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
  healthy = await startReceiver();
  redis = new Redis(required('MAGISTRY_TEST_REDIS_URL'));
  const names = await startNameServer((_name, asked) => (asked === 1 ? [PUBLIC] : ['127.0.0.1']));
  closing.push(
    () => inside.close(),
    () => healthy.close(),
    () => redis.quit(),
    () => names.close(),
  );
  sending = await startSending();
  const nameServers = [names.address];
  for (const _ of [1, 2]) {
    sending.addWorker({ attemptTimeoutMs: TIMEOUT_MS, nameServers }).start();
  }
  for (const [name, { answer }] of Object.entries(corpus())) {
    const receiver = await startHttpReceiver(answer);
    receivers.set(name, receiver);
    closing.push(() => receiver.close());
    await hostileEndpoint(name, `http://127.0.0.1:${receiver.port}/`);
  }
  await hostileEndpoint(REBINDING, await rebindingUrl(nameServers));
  healthyEndpoint = await sending.addEndpoint({ url: healthy.url });
  await sending.addDeliveries(healthyEndpoint, ['evt_warm']);
  await until(() => healthy.received.length === 1, 'the workers send');
});
afterAll(async () => {
  await sending.stop();
  for (const close of closing) await close();
});

function corpus() {
  return hostileCorpus(`http://127.0.0.1:${inside.port}/`, retryAt);
}

async function hostileEndpoint(name: string, url: string): Promise<void> {
  endpoints.set(name, await sending.addEndpoint({ url, retry_schedule: [20, 20] }));
}

/** Passes the check that an endpoint is made with: that is the first look-up. */
async function rebindingUrl(nameServers: readonly string[]): Promise<string> {
  const url = `https://rebinding.example:${inside.port}/`;
  const client = new GuardedClient({ allowsLoopback: false, nameServers });
  await client.check(url);
  await client.close();
  return url;
}

function endpointOf(name: string): number {
  return endpoints.get(name) ?? 0;
}

function attemptsAt(endpointId: number): Promise<AttemptRow[]> {
  return sending.query<AttemptRow>('SELECT * FROM attempt WHERE endpoint_id = $1', [endpointId]);
}

function slotsOf(endpointId: number): Promise<number> {
  return redis.zcard(`${sending.prefix}:{webhooks}:flight:${endpointId}`);
}

const endedAt = ({ started_at, duration_ms }: AttemptRow) => started_at.getTime() + duration_ms;

test('hostile receivers hold no slot past the timeout, and a healthy one beside them waits for none', async () => {
  const offeredAt = performance.now();
  const slow = endpointOf('one byte a second');
  for (const endpoint of endpoints.values()) await sending.addDeliveries(endpoint, ids(EACH));
  await until(() => receivers.get('one byte a second')?.open() === EACH, 'the slow one holds connections');
  expect(await slotsOf(slow)).toBe(EACH);
  await sending.addDeliveries(healthyEndpoint, ids(HEALTHY));
  await until(() => healthy.received.length === HEALTHY + 1, 'the healthy one has all');
  const healthyMs = performance.now() - offeredAt;
  await until(
    async () =>
      (await sending.query('SELECT FROM attempt WHERE endpoint_id = ANY ($1)', [[...endpoints.values()]]))
        .length ===
      EACH * endpoints.size,
    'every hostile receiver was tried',
  );
  const heldBy = async () => (await Promise.all([...endpoints.values()].map(slotsOf))).filter(Boolean);
  await until(async () => (await heldBy()).length === 0, 'every slot is free', TOLERANCE_MS);
  const attempts = (await Promise.all([...endpoints.values()].map(attemptsAt))).flat();
  const longestMs = Math.max(...attempts.map((attempt) => attempt.duration_ms));
  expect(longestMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 50);
  expect(longestMs).toBeLessThan(TIMEOUT_MS + TOLERANCE_MS);
  for (const name of ['an endless body', 'one byte a second']) {
    await until(() => receivers.get(name)?.open() === 0, `${name} has lost its connections`, TOLERANCE_MS);
  }
  const firstEnd = Math.min(...(await attemptsAt(slow)).map(endedAt));
  const lastHealthy = Math.max(...(await attemptsAt(healthyEndpoint)).map(endedAt));
  expect(lastHealthy).toBeLessThan(firstEnd);
  console.log(
    `${attempts.length} hostile attempts, ${longestMs} ms at most; healthy: ${healthyMs.toFixed()} ms`,
  );
});

test.each(Object.keys(hostileCorpus('', retryAt)))(
  '%s is told by its attempts and deliveries',
  async (name) => {
    const { told, status } = corpus()[name] ?? {};
    const attempts = await attemptsAt(endpointOf(name));
    expect(attempts).toMatchObject(Array(EACH).fill(told));
    const deliveries = await sending.deliveries(endpointOf(name));
    expect(deliveries).toMatchObject(Array(EACH).fill({ status, attempt: 1 }));
  },
);

test('of an endless body the first 16 KiB are kept', async () => {
  const kept = (await attemptsAt(endpointOf('an endless body'))).map((row) => row.response_body?.length);
  expect(kept).toEqual(Array(EACH).fill(16_384));
});

test('a redirect and a name that leads elsewhere by now reach nobody on the private address', async () => {
  expect(await attemptsAt(endpointOf(REBINDING))).toMatchObject(
    Array(EACH).fill({ status_code: null, error: 'address_not_allowed' }),
  );
  expect(inside.connections()).toBe(0);
});

test('410 disables its endpoint, and no other one is', async () => {
  const disabled = await sending.query('SELECT id, disabled_reason FROM endpoint WHERE NOT is_active');
  expect(disabled).toEqual([{ id: endpointOf('a 410'), disabled_reason: 'gone' }]);
});

test('Retry-After, in seconds and as a date, is when the next attempt is due', async () => {
  const dueAt = async (name: string) =>
    (await sending.deliveries(endpointOf(name))).map((row) => Number(row.next_attempt_at));
  const bySeconds = await dueAt('a 429 with seconds');
  const ends = (await attemptsAt(endpointOf('a 429 with seconds'))).map(endedAt);
  const floor = Math.min(...ends) + RETRY_AFTER_SECONDS * 1_000;
  for (const due of bySeconds) expect(due).toBeGreaterThanOrEqual(floor);
  expect(Math.max(...bySeconds)).toBeLessThan(Math.max(...ends) + RETRY_AFTER_SECONDS * 1_000 + TOLERANCE_MS);
  const byDate = await dueAt('a 429 with a date');
  for (const due of byDate) expect(due).toBeGreaterThanOrEqual(retryAt.getTime());
  expect(Math.max(...byDate)).toBeLessThan(retryAt.getTime() + TOLERANCE_MS);
});

test('nothing above went wrong in the workers', () => expect(sending.faults).toEqual([]));
