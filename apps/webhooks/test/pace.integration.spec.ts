import { setTimeout as pause } from 'node:timers/promises';
import { mostInASecond, type Receiver, startReceiver } from './receiver.fixture.js';
import { ids, type Sending, startSending, until } from './sending.fixture.js';

const SECONDS = 5;

let sending: Sending;
let receiver: Receiver;

beforeAll(async () => {
  sending = await startSending();
});
afterEach(() => receiver.close());
afterAll(() => sending.stop());

test('offered 500 a second, two workers give an endpoint 47 to 50 in any second', async () => {
  receiver = await startReceiver((_received, response) => response.end());
  const endpoint = await sending.addEndpoint({ url: receiver.url });
  for (const _ of [1, 2]) sending.addWorker().start();
  const arrived = await offerFor(SECONDS + 2, endpoint);
  const startedAt = arrived[0] ?? 0;
  const measured = arrived.filter((at) => at >= startedAt + 1_000 && at < startedAt + (SECONDS + 1) * 1_000);
  const perSecond = measured.length / SECONDS;
  console.log(
    `${arrived.length} arrived, ${perSecond.toFixed(1)}/s sustained, ${mostInASecond(arrived)} in a second at most`,
  );
  expect(mostInASecond(arrived)).toBeLessThanOrEqual(50);
  expect(perSecond).toBeGreaterThanOrEqual(47);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(arrived.length);
  await sending.query('UPDATE endpoint SET deleted_at = now() WHERE id = $1', [endpoint]);
});

/** Makes 500 deliveries a second due until so long after the first one has arrived. */
async function offerFor(seconds: number, endpoint: number): Promise<number[]> {
  const startedAt = performance.now();
  for (let count = 0; ; count += 50) {
    const [first] = receiver.received;
    if (first && performance.now() - first.at > seconds * 1_000) break;
    await sending.addDeliveries(endpoint, ids(50, count));
    await pause(Math.max(0, startedAt + count * 2 - performance.now()));
  }
  return receiver.received.map(({ at }) => at);
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
