import { setTimeout as pause } from 'node:timers/promises';
import { BreakableLink, connectTestNats, endedInAnyCase, required } from '@magistry/testing';
import { LivePages } from './broadcast.js';
import { connectNats, type NatsConnection } from './connection.js';

const NAME = '7.mag-1';
const WAIT_MS_MAX = 5_000;

let link: BreakableLink;
let teller: NatsConnection;
let pages: LivePages;
let heard: number[];
let stopListening: () => void;

beforeEach(async () => {
  link = await BreakableLink.to(required('MAGISTRY_TEST_NATS_URL'));
  teller = await connectNats({ url: link.url, service: 'agents' });
  endedInAnyCase(() => teller.close());
  pages = new LivePages(teller);
  heard = [];
  const follower = await connectTestNats('gateway');
  stopListening = new LivePages(follower).listen(NAME, ({ events }) => {
    heard.push(...events.map(({ id }) => id));
  });
  await follower.flush();
});
afterEach(async () => {
  stopListening();
  await teller.close();
  link.close();
});

const tell = (id: number) => pages.publish(NAME, { events: [{ id, data: Buffer.alloc(1_000) }] });

/** Tells the next page again until it is heard: how soon a connection is back is not for this test. */
async function untilHeard(id: number): Promise<void> {
  for (const startedAt = performance.now(); performance.now() - startedAt < WAIT_MS_MAX; await pause(20)) {
    tell(id);
    if (heard.includes(id)) return;
  }
  throw new Error(`page ${id} was not heard`);
}

test('a page is heard by who follows its log, and by nobody who follows another', async () => {
  const others: number[] = [];
  const stop = new LivePages(teller).listen('8.mag-1', ({ events }) => others.push(events.length));
  await teller.flush();
  tell(1);
  await untilHeard(2);
  stop();
  expect([heard.slice(0, 2), others]).toEqual([[1, 2], []]);
});

test('what is told while NATS is away is kept nowhere and never comes late; what is told next is heard', async () => {
  await untilHeard(1);
  link.cut();
  await pause(100);
  const { outBytes } = teller.stats();
  for (let id = 1_000; id < 2_000; id += 1) tell(id);
  expect(teller.stats().outBytes).toBe(outBytes);
  link.mend();
  await untilHeard(2);
  expect(heard.filter((id) => id >= 1_000)).toEqual([]);
});

test('telling on a connection that is closed is no error: its process is leaving', async () => {
  await teller.close();
  expect(() => tell(1)).not.toThrow();
});

test('who has stopped listening hears no more', async () => {
  await untilHeard(1);
  stopListening();
  tell(2);
  await teller.flush();
  await pause(50);
  expect(heard.filter((id) => id !== 1)).toEqual([]);
});
