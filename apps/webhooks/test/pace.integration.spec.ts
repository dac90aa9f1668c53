import { setTimeout as pause } from 'node:timers/promises';
import { RATE_MAX } from '../src/domain/pace.js';
import { mostInASecond, type Receiver, startReceiver } from './receiver.fixture.js';
import { ids, type Sending, startSending, until } from './sending.fixture.js';

const SECONDS = 5;
/** What a slot may cost beside its second: 47.5 a second are promised. */
const LOST_MS_MAX = (RATE_MAX * 1_000) / 47.5 - 1_000;

let sending: Sending;
let receiver: Receiver;

beforeAll(async () => {
  sending = await startSending();
});
afterEach(() => receiver.close());
afterAll(() => sending.stop());

test('offered 500 a second, two workers give an endpoint 50 in any second and hardly less', async () => {
  receiver = await startReceiver((_received, response) => response.end());
  const [endpoint, quiet] = await Promise.all(['busy', 'quiet'].map(endpointAt));
  for (const _ of [1, 2]) sending.addWorker().start();
  const committed = await offerFor(SECONDS + 2, endpoint ?? 0, quiet ?? 0);
  const arrived = receiver.received.filter(({ path }) => path === '/busy');
  const at = arrived.map((one) => one.at);
  const slotMs = mean(at.slice(RATE_MAX).map((later, index) => later - (at[index] ?? 0)));
  const tripMs = mean(trips(committed));
  console.log(
    `${at.length} arrived, a slot after ${slotMs.toFixed()} ms, ${((RATE_MAX * 1_000) / slotMs).toFixed(1)}/s; ` +
      `${mostInASecond(at)} in a second at most; a trip took ${tripMs.toFixed()} ms`,
  );
  expect(mostInASecond(at)).toBeLessThanOrEqual(RATE_MAX);
  expect(slotMs).toBeLessThanOrEqual(1_000 + Math.max(LOST_MS_MAX, tripMs));
  expect(new Set(arrived.map(({ headers }) => headers['webhook-id'])).size).toBe(at.length);
  await sending.query('UPDATE endpoint SET deleted_at = now()');
});

const endpointAt = (path: string) => sending.addEndpoint({ url: `${receiver.url}/${path}` });
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** From the commit of each delivery to the quiet endpoint until it arrived. */
function trips(committed: ReadonlyMap<string, number>): number[] {
  const quiet = receiver.received.filter(({ path }) => path === '/quiet');
  return quiet.map(({ at, headers }) => at - (committed.get(String(headers['webhook-id'])) ?? 0));
}

/**
 * Makes 500 deliveries a second due until so long after the first one has arrived, and now and then one to the quiet
 * endpoint: tells when those were committed.
 */
async function offerFor(seconds: number, endpoint: number, quiet: number): Promise<Map<string, number>> {
  const startedAt = performance.now();
  const committed = new Map<string, number>();
  for (let count = 0; ; count += 50) {
    const [first] = receiver.received;
    if (first && performance.now() - first.at > seconds * 1_000) break;
    await sending.addDeliveries(endpoint, ids(50, count));
    await sending.addDeliveries(quiet, [`evt_quiet_${count}`]);
    committed.set(`evt_quiet_${count}`, performance.now());
    await pause(Math.max(0, startedAt + count * 2 - performance.now()));
  }
  return committed;
}

test('an endpoint that answers slowly has at most 200 unanswered, and nearly so many while more waits', async () => {
  const holding: (() => void)[] = [];
  receiver = await startReceiver((_received, response) => {
    holding.push(() => response.end());
  });
  const endpoint = await sending.addEndpoint({ url: receiver.url });
  await sending.addDeliveries(endpoint, ids(400, 10_000));
  await until(() => receiver.received.length >= 200, 'two hundred are unanswered', 12_000);
  await pause(500);
  expect(receiver.mostOpen()).toBe(200);
  while (receiver.received.length < 400) {
    for (const answer of holding.splice(0, 20)) answer();
    await pause(100);
  }
  for (const answer of holding) answer();
  expect(receiver.mostOpen()).toBe(200);
  await until(
    async () => (await sending.deliveries(endpoint)).every(({ status }) => status === 'success'),
    'all have arrived',
  );
  expect(receiver.received).toHaveLength(400);
  expect(mostInASecond(receiver.received.map(({ at }) => at))).toBeLessThanOrEqual(50);
}, 60_000);
