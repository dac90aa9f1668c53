import { PLACES } from '../src/sender/start-gate.js';
import { type Receiver, startReceiver } from './receiver.fixture.js';
import { ids, type Sending, startSending, until } from './sending.fixture.js';

/** All that is due would begin within two thirds of a second: most endpoints wait at the gate until then. */
const ENDPOINTS = 400;
const EACH = 8;
const ANSWER_MS = 300;

let sending: Sending;
let receiver: Receiver;

beforeAll(async () => {
  sending = await startSending();
  receiver = await startReceiver((_received, response) => {
    setTimeout(() => response.end(), ANSWER_MS);
  });
});
afterAll(async () => {
  await sending.stop();
  await receiver.close();
});

/** A worker, and how many requests it has begun. */
function startWorker() {
  let begun = 0;
  const render = ({ id }: { id: string }) => {
    begun += 1;
    return JSON.stringify({ id });
  };
  const worker = sending.addWorker({ render });
  worker.start();
  return { worker, begun: () => begun };
}

async function addBurst(): Promise<void> {
  const at = new Date();
  for (let n = 0; n < ENDPOINTS; n += 1) {
    const endpoint = await sending.addEndpoint({ url: `${receiver.url}/${n}` });
    await sending.addDeliveries(endpoint, ids(EACH), null, at);
  }
}

async function countOf(table: string, condition: string): Promise<number> {
  return (await sending.query(`SELECT FROM ${table} WHERE ${condition}`)).length;
}

test('a worker that stops while endpoints wait to begin sends them away, and what it sent is written', async () => {
  await addBurst();
  const { worker, begun } = startWorker();
  await until(() => begun() > 0, 'the burst has begun');
  const before = begun();
  await sending.stopWorker(worker);
  console.log(`${before} had begun when the worker was told to stop, ${begun() - before} did after that`);
  // Those that had their places already.
  expect(begun() - before).toBeLessThanOrEqual(PLACES);
  expect(receiver.received).toHaveLength(begun());
  expect(await countOf('delivery', `status = 'success'`)).toBe(begun());
  expect(await countOf('delivery', 'lease_token IS NOT NULL')).toBe(0);
});

test('another worker sends the rest at once, each once', async () => {
  startWorker();
  const all = ENDPOINTS * EACH;
  await until(async () => (await countOf('delivery', `status = 'success'`)) === all, 'all have arrived');
  const received = receiver.received.map(({ path, headers }) => `${path} ${headers['webhook-id']}`);
  expect([received.length, new Set(received).size]).toEqual([all, all]);
  expect(await countOf('attempt', 'succeeded')).toBe(all);
  expect(sending.faults).toEqual([]);
});
