import { RETRY_WAITS_SECONDS } from '../src/domain/retry-schedule.js';
import { endpointNotices } from '../src/sender/endpoint-notices.js';
import type { Sender } from '../src/sender/sender.js';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { type Sending, startSending, until } from './sending.fixture.js';

const HOUR_MS = 3_600_000;

let sending: Sending;
let sender: Sender;
let failing: Receiver;
const receivers: Receiver[] = [];
let status = 500;
let random = 0;
const clock = { now: Math.floor(Date.now() / 1_000) * 1_000 };

beforeAll(async () => {
  sending = await startSending();
  failing = await startReceiver((_received, response) => response.writeHead(status).end());
  receivers.push(failing);
  sender = sending.addWorker({
    now: () => clock.now,
    random: () => random,
    tell: endpointNotices(sending.database),
  });
  sender.start();
});
afterAll(async () => {
  await sending.stop();
  for (const receiver of receivers) await receiver.close();
});

const delivery = async (endpoint: number) => (await sending.deliveries(endpoint))[0];
const unixMs = (instant: Date | number | undefined) =>
  instant instanceof Date ? instant.getTime() : Number.NaN;

/** Turns the clock to that instant and lets what is due then be attempted. */
async function attemptAt(instant: number, endpoint: number, attempts: number): Promise<void> {
  clock.now = instant;
  await until(async () => {
    await sender.watch.enqueueDue(clock.now);
    const [row] = await sending.query<{ made: number }>(
      'SELECT count(*)::int AS made FROM attempt WHERE endpoint_id = $1',
      [endpoint],
    );
    return row?.made === attempts;
  }, `attempt ${attempts} is made`);
}

test.each([
  ['without jitter', 0],
  ['with all of the jitter', 1],
])(
  'a dead receiver gets ten attempts over three days %s, one id and ten timestamps',
  async (_name, share) => {
    random = share;
    const seen = failing.received.length;
    const endpoint = await sending.addEndpoint({ url: failing.url });
    await sending.addDeliveries(endpoint, [`evt_schedule_${share}`], null, new Date(clock.now));
    const startedAt = clock.now;
    const instants: number[] = [clock.now];
    await attemptAt(clock.now, endpoint, 1);
    for (const [index, seconds] of RETRY_WAITS_SECONDS.entries()) {
      const row = await delivery(endpoint);
      expect(row).toMatchObject({ status: 'retrying', attempt: index + 1, response_code: 500 });
      const next = unixMs(row?.next_attempt_at);
      expect(next - clock.now).toBe(seconds * 1_000 * (1 + 0.2 * share));
      clock.now = next - 1;
      expect(await sender.watch.enqueueDue(clock.now)).toBe(0);
      await attemptAt(next, endpoint, index + 2);
      instants.push(next);
    }
    expect(await delivery(endpoint)).toMatchObject({ status: 'failed', reason: 'exhausted', attempt: 10 });
    expect((clock.now - startedAt) / HOUR_MS).toBeCloseTo(share === 0 ? 73.6 : 88.3, 1);
    const received = failing.received.slice(seen).map(({ headers }) => headers);
    expect(received.map((headers) => headers['webhook-id'])).toEqual(Array(10).fill(`evt_schedule_${share}`));
    expect(received.map((headers) => Number(headers['webhook-timestamp']))).toEqual(
      instants.map((instant) => Math.floor(instant / 1_000)),
    );
  },
);

test('five days of failures warn at 50, 70 and 90 %, disable, and the first good probe brings all back', async () => {
  random = 0;
  const told = await startReceiver();
  receivers.push(told);
  const listener = await sending.addEndpoint({ url: told.url });
  await sending.query(`UPDATE endpoint SET events = '{endpoint.*}' WHERE id = $1`, [listener]);
  const endpoint = await sending.addEndpoint({ url: failing.url, retry_schedule: [24 * 3_600] });
  // Received is not yet written down, and a lease ends when the clock is put forward.
  const written = `SELECT id FROM delivery WHERE endpoint_id = $1 AND status = 'success'`;
  const hasHeard = async (count: number) => {
    await sender.watch.enqueueDue(clock.now);
    return (await sending.query(written, [listener])).length === count;
  };
  const startedAt = clock.now;
  for (const [index, hours] of [0, 60, 84, 108, 120].entries()) {
    // What failed the day before is ended, while its retry is not due yet: only fresh ones fail here.
    await sending.query(
      `UPDATE delivery SET status = 'failed' WHERE endpoint_id = $1 AND status = 'retrying'`,
      [endpoint],
    );
    clock.now = startedAt + hours * HOUR_MS;
    await sending.addDeliveries(endpoint, [`evt_day_${index}`], null, new Date(clock.now));
    await attemptAt(clock.now, endpoint, index + 1);
    await until(() => hasHeard(index), 'the other endpoint has heard of it');
  }
  const types = () => told.received.map(({ body }) => JSON.parse(body.toString()));
  expect(types().map(({ type, data }) => [type, data.percent, data.reason, data.endpoint_id])).toEqual([
    ['endpoint.warning', 50, null, endpoint],
    ['endpoint.warning', 70, null, endpoint],
    ['endpoint.warning', 90, null, endpoint],
    ['endpoint.disabled', null, 'failing', endpoint],
  ]);
  const state = 'SELECT is_active, disabled_reason FROM endpoint WHERE id = $1';
  expect(await sending.query(state, [endpoint])).toEqual([{ is_active: false, disabled_reason: 'failing' }]);
  clock.now = startedAt + 120.9 * HOUR_MS;
  expect(await sender.watch.enqueueDue(clock.now)).toBe(0);
  status = 200;
  await attemptAt(startedAt + 121 * HOUR_MS, endpoint, 6);
  await until(() => hasHeard(5), 'the other endpoint has heard that it is back');
  expect(types()[4]).toMatchObject({ type: 'endpoint.recovered' });
  expect(await sending.query(state, [endpoint])).toEqual([{ is_active: true, disabled_reason: null }]);
  const [probe] = await sending.query('SELECT cause FROM attempt WHERE endpoint_id = $1 AND number = 2', [
    endpoint,
  ]);
  expect(probe).toEqual({ cause: 'probe' });
});

test('nothing above went wrong in the worker', () => expect(sending.faults).toEqual([]));
