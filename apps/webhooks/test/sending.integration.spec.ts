import { LockHeld } from '@magistry/persistence';
import { WebhookVerifier } from '@magistry/webhook-signatures';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { ids, type Sending, startSending, until } from './sending.fixture.js';

let sending: Sending;
const receivers: Receiver[] = [];

beforeAll(async () => {
  sending = await startSending();
  sending.addWorker().start();
  sending.addWorker().start();
});
afterAll(async () => {
  await sending.stop();
  for (const receiver of receivers) await receiver.close();
});

async function receiving(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const receiver = await startReceiver(...args);
  receivers.push(receiver);
  return receiver;
}

const allEnded = (endpointId: number) => async () =>
  (await sending.deliveries(endpointId)).every(({ status }) => status === 'success' || status === 'failed');

test('a due delivery arrives signed, and the attempt, its delivery and its endpoint say so', async () => {
  const receiver = await receiving((_received, response) =>
    response.writeHead(201, { 'x-seen': 'yes' }).end('thanks'),
  );
  const endpoint = await sending.addEndpoint({ url: `${receiver.url}/hook?a=b` });
  await sending.addDeliveries(endpoint, ['evt_signed']);
  await until(allEnded(endpoint), 'it has ended');
  const [received] = receiver.received;
  expect(received?.path).toBe('/hook?a=b');
  const verifier = new WebhookVerifier({ secrets: [sending.secret] });
  expect(
    verifier.verify({ headers: received?.headers ?? {}, body: received?.body ?? Buffer.alloc(0) }),
  ).toMatchObject({
    id: 'evt_signed',
    event: { type: 'post.created', data: { n: 1 } },
  });
  expect(await sending.deliveries(endpoint)).toMatchObject([
    {
      status: 'success',
      attempt: 1,
      response_code: 201,
      error: null,
      lease_token: null,
      delivered_at: expect.any(Date),
    },
  ]);
  expect(await sending.health(endpoint)).toMatchObject({
    success_count: '1',
    failure_count: '0',
    last_delivery_at: expect.any(Date),
  });
  const attempts = await sending.query<Record<string, unknown>>(
    'SELECT * FROM attempt WHERE endpoint_id = $1',
    [endpoint],
  );
  expect(attempts).toMatchObject([{ number: 1, cause: 'event', succeeded: true, status_code: 201 }]);
  expect(attempts[0]?.['response_headers']).toMatchObject({ 'x-seen': 'yes' });
  expect(String(attempts[0]?.['response_body'])).toBe('thanks');
  expect(attempts[0]?.['phases_ms']).toMatchObject({
    connect: expect.any(Number),
    first_byte: expect.any(Number),
  });
});

test('a result whose endpoint somebody holds for long is written once, when it is free', async () => {
  const receiver = await receiving();
  const endpoint = await sending.addEndpoint({ url: receiver.url });
  const free = await sending.hold('SELECT FROM endpoint_health WHERE endpoint_id = $1 FOR UPDATE', [
    endpoint,
  ]);
  await sending.addDeliveries(endpoint, ['evt_held']);
  await until(
    () => sending.faults.some((fault) => fault instanceof LockHeld),
    'the worker has given up the lock',
  );
  await free();
  await until(allEnded(endpoint), 'it has ended');
  expect(receiver.received).toHaveLength(1);
  expect(await sending.deliveries(endpoint)).toMatchObject([{ status: 'success', attempt: 1 }]);
  expect(await sending.health(endpoint)).toMatchObject({ success_count: '1', failure_count: '0' });
  expect(sending.faults.splice(0).filter((fault) => !(fault instanceof LockHeld))).toEqual([]);
});

test('one event at several endpoints is one delivery each, with its own attempt', async () => {
  const receiver = await receiving();
  const endpoints = [];
  for (const path of ['a', 'b', 'c']) {
    endpoints.push(await sending.addEndpoint({ url: `${receiver.url}/${path}` }));
  }
  const at = new Date();
  await Promise.all(endpoints.map((endpoint) => sending.addDeliveries(endpoint, ['evt_shared'], null, at)));
  for (const endpoint of endpoints) await until(allEnded(endpoint), 'it has ended');
  expect(receiver.received.map(({ path }) => path).sort()).toEqual(['/a', '/b', '/c']);
  const rows = await sending.query(
    `SELECT d.id FROM delivery d JOIN attempt a ON a.delivery_id = d.id AND a.endpoint_id = d.endpoint_id
      WHERE d.event_id = 'evt_shared'`,
  );
  const made = await sending.query('SELECT FROM attempt WHERE endpoint_id = ANY ($1)', [endpoints]);
  expect([rows.length, made.length]).toEqual([3, 3]);
});

test('a failure is tried again with the same id and a fresh signature, until it arrives', async () => {
  let calls = 0;
  const receiver = await receiving((_received, response) => {
    calls += 1;
    response.writeHead(calls < 3 ? 500 : 200).end();
  });
  const endpoint = await sending.addEndpoint({ url: receiver.url, retry_schedule: [1, 1, 1] });
  await sending.addDeliveries(endpoint, ['evt_again']);
  await until(allEnded(endpoint), 'it has ended');
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(3).fill('evt_again'));
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(3);
  expect(await sending.deliveries(endpoint)).toMatchObject([{ status: 'success', attempt: 3 }]);
  expect(await sending.health(endpoint)).toMatchObject({
    success_count: '1',
    failure_count: '2',
    consecutive_failures: 0,
  });
});

test('410 ends the delivery, disables the endpoint at once and holds what waits for it', async () => {
  const receiver = await receiving((_received, response) => response.writeHead(410).end());
  const endpoint = await sending.addEndpoint({ url: receiver.url });
  await sending.addDeliveries(endpoint, ['evt_gone']);
  await until(allEnded(endpoint), 'it has ended');
  expect(await sending.deliveries(endpoint)).toMatchObject([
    { status: 'failed', reason: 'gone', attempt: 1 },
  ]);
  const [row] = await sending.query('SELECT is_active, disabled_reason FROM endpoint WHERE id = $1', [
    endpoint,
  ]);
  expect(row).toEqual({ is_active: false, disabled_reason: 'gone' });
  await sending.addDeliveries(endpoint, ['evt_later']);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(receiver.received).toHaveLength(1);
});

test('429 and 503 with Retry-After pause the endpoint and set the floor of the next attempt', async () => {
  let calls = 0;
  const receiver = await receiving((_received, response) => {
    calls += 1;
    if (calls === 1) response.writeHead(429, { 'retry-after': '2' }).end();
    else response.end();
  });
  const endpoint = await sending.addEndpoint({ url: receiver.url, retry_schedule: [1, 1] });
  await sending.addDeliveries(endpoint, ['evt_busy']);
  await until(allEnded(endpoint), 'it has ended');
  const [first, second] = receiver.received.map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(1_950);
  expect(await sending.health(endpoint)).toMatchObject({ rate_per_s: 30 });
});

describe('an ordered endpoint', () => {
  async function ordered(onFailure: 'block' | 'skip' | 'dead_letter') {
    let running = 0;
    let most = 0;
    const receiver = await receiving((received, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.writeHead(received.headers['webhook-id'] === 'evt_2' ? 500 : 200).end();
      }, 30);
    });
    const endpoint = await sending.addEndpoint({
      url: receiver.url,
      retry_schedule: [1],
      ordering_path: 'data.subject',
      ordering_on_failure: onFailure,
    });
    await sending.addDeliveries(endpoint, ids(5), 'SKU-1');
    return {
      endpoint,
      seen: () => receiver.received.map(({ headers }) => headers['webhook-id']),
      most: () => most,
    };
  }

  test.each([
    ['skip', 'exhausted'],
    ['dead_letter', 'dead_letter'],
  ] as const)(
    'on_failure %s sends one at a time in order, and goes on after one that failed',
    async (onFailure, reason) => {
      const { endpoint, seen, most } = await ordered(onFailure);
      await until(allEnded(endpoint), 'all have ended');
      expect(seen()).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_2', 'evt_3', 'evt_4']);
      expect(most()).toBe(1);
      expect((await sending.deliveries(endpoint)).map((row) => row.reason)).toEqual([
        null,
        null,
        reason,
        null,
        null,
      ]);
    },
  );

  test('on_failure block holds the key after one that failed, and goes on once that has arrived', async () => {
    const { endpoint, seen } = await ordered('block');
    await until(
      async () => (await sending.deliveries(endpoint))[2]?.status === 'failed',
      'the third has failed',
    );
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(seen()).toEqual(['evt_0', 'evt_1', 'evt_2', 'evt_2']);
    await sending.query(
      `UPDATE delivery SET status = 'success', delivered_at = now()
      WHERE endpoint_id = $1 AND event_id = 'evt_2'`,
      [endpoint],
    );
    await until(allEnded(endpoint), 'all have ended');
    expect(seen().slice(4)).toEqual(['evt_3', 'evt_4']);
  });
});

test('nothing above went wrong in the workers', () => expect(sending.faults).toEqual([]));
