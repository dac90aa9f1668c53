import { setTimeout as pause } from 'node:timers/promises';
import type { Gateway } from '../src/gateway.js';
import { framesHeld } from '../src/streams/metrics.js';
import { DoubledLogs, RawFollower } from './event-logs.fixture.js';
import { DoubledServices, openAccount, startTestGateway } from './platform.fixture.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/** What `src/streams` holds of one log and of all, and how long it is quiet and waits. */
const LOG_BYTES_MAX = 64 * KIB;
const ALL_BYTES_MAX = 32 * MIB;
const QUIET_MS = 5_000;
const AWAY_MS_MAX = 30_000;
/** Alone it takes some 10 ms. */
const HEADERS_MS_MAX = QUIET_MS / 4;
/** What the sockets between a gateway and a client that takes nothing hold. */
const SOCKETS_BYTES_MAX = 16 * MIB;
const WAIT_MS_MAX = 20_000;

let doubles: DoubledServices;
let logs: DoubledLogs;
let gateway: Gateway;
let names = 0;
const followers: RawFollower[] = [];

beforeAll(async () => {
  doubles = await DoubledServices.start();
  logs = await DoubledLogs.start();
  gateway = await startTestGateway();
});
afterEach(async () => {
  for (const follower of followers.splice(0)) follower.leave();
  await until('nothing is held', async () => (await held()) === 0);
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
  await logs.goAway();
});

const textOf = (bytes: number) => JSON.stringify({ words: 'x'.repeat(bytes) });

/** A log with its first event, which everybody who enters is sent at once. */
function newLog(): string {
  names += 1;
  const name = `log-${names}`;
  logs.add(name, textOf(1), { isTold: false });
  return name;
}

async function follow(name: string, credential = openAccount()): Promise<RawFollower> {
  const follower = await RawFollower.enter(gateway.url, credential, name);
  followers.push(follower);
  return follower;
}

async function held(): Promise<number> {
  return (await framesHeld.get()).values[0]?.value ?? 0;
}

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  waitMs = WAIT_MS_MAX,
): Promise<void> {
  for (const startedAt = performance.now(); !(await isSo()); await pause(10))
    if (performance.now() - startedAt > waitMs) throw new Error(`in vain was waited until ${what}`);
}

const denseIds = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('of a log that outruns its client 64 KiB are held, and the client gets every event once', async () => {
  const name = newLog();
  const slow = await follow(name);
  const quick = (await follow(name)).take();
  let most = 0;
  for (let count = 2; count <= 400; count += 1) {
    logs.add(name, textOf(4 * KIB), { isLast: count === 400 });
    if (count % 20 === 0) await until('it is here', () => quick.ids.length === count);
    most = Math.max(most, await held());
  }
  expect(most).toBeGreaterThan(LOG_BYTES_MAX / 2);
  expect(most).toBeLessThanOrEqual(LOG_BYTES_MAX);
  await slow.take().ended;
  await quick.ended;
  for (const { ids, isDone } of [slow, quick]) expect([ids, isDone]).toEqual([denseIds(400), true]);
});

test('of all logs together 32 MiB are held, and who follows one of them misses nothing', async () => {
  const all = Array.from({ length: 600 }, newLog);
  const credential = openAccount({ limitPerMinute: 6_000 });
  const entered: RawFollower[] = [];
  for (let index = 0; index < all.length; index += 50)
    entered.push(
      ...(await Promise.all(all.slice(index, index + 50).map((name) => follow(name, credential)))),
    );
  for (const follower of entered) follower.take();
  let most = 0;
  for (const name of all) {
    logs.add(name, textOf(60 * KIB));
    await logs.flush();
    most = Math.max(most, await held());
  }
  await until('everybody has it', () => entered.every(({ ids }) => ids.length === 2));
  most = Math.max(most, await held());
  expect(most).toBeGreaterThan(ALL_BYTES_MAX / 2);
  expect(most).toBeLessThanOrEqual(ALL_BYTES_MAX);
  for (const name of all) logs.add(name, textOf(1), { isLast: true });
  await Promise.all(entered.map(({ ended }) => ended));
  for (const { ids, isDone } of entered) expect([ids, isDone]).toEqual([denseIds(3), true]);
}, 60_000);

test('for a client that takes nothing no more is read than its socket holds; later it gets everything', async () => {
  const name = newLog();
  for (let count = 2; count <= 64; count += 1)
    logs.add(name, textOf(MIB), { isTold: false, isLast: count === 64 });
  const before = logs.reads;
  const slow = await follow(name);
  let reads = -1;
  while (reads !== logs.reads) {
    reads = logs.reads;
    await pause(500);
  }
  expect((reads - before) * MIB).toBeLessThan(SOCKETS_BYTES_MAX);
  await slow.take().ended;
  expect([slow.ids, slow.isDone]).toEqual([denseIds(64), true]);
}, 60_000);

test('a quiet stream is heard to live every five seconds, and what was not told is seen then', async () => {
  const name = newLog();
  const follower = (await follow(name)).take();
  await until('it has the first', () => follower.ids.length === 1);
  const quietSince = performance.now();
  logs.add(name, textOf(1), { isTold: false, isLast: true });
  await follower.ended;
  const quietMs = performance.now() - quietSince;
  expect(follower.text).toContain('\n\n:\n\nid: 2\n');
  expect([follower.ids, follower.isDone]).toEqual([[1, 2], true]);
  expect(quietMs).toBeGreaterThan(QUIET_MS - 500);
  expect(quietMs).toBeLessThan(2 * QUIET_MS);
});

test.each([
  ['with nothing in it', 0],
  ['behind its last event', 1],
])('a follower of a silent log %s has its headers long before a heartbeat is due', async (_, after) => {
  const name = after === 0 ? `silent-${names}` : newLog();
  const startedAt = performance.now();
  const follower = await RawFollower.enter(gateway.url, openAccount(), name, after);
  followers.push(follower.take());
  expect(performance.now() - startedAt).toBeLessThan(HEADERS_MS_MAX);
  await until('it hears that the stream lives', () => follower.text === ':\n\n');
  expect(performance.now() - startedAt).toBeLessThan(HEADERS_MS_MAX);
  logs.add(name, textOf(1), { isLast: true });
  await follower.ended;
  expect([follower.ids, follower.isDone]).toEqual([[after + 1], true]);
});

test('a service that is away is waited for; after 30 s the stream ends without its end', async () => {
  const [short, long] = [newLog(), newLog()];
  const [lucky, unlucky] = [(await follow(short)).take(), (await follow(long)).take()];
  await until('both have the first', () => [lucky, unlucky].every(({ ids }) => ids.length === 1));
  // A page that got lost: the next one is not behind what they have, and has to be read for.
  for (const name of [short, long]) logs.add(name, textOf(1), { isTold: false });
  await logs.goAway();
  const awaySince = performance.now();
  logs.add(short, textOf(1));
  await pause(3_000);
  await logs.comeBack();
  await until('it goes on', () => lucky.ids.length === 3);
  await logs.goAway();
  logs.add(long, textOf(1));
  await unlucky.ended;
  expect(performance.now() - awaySince).toBeGreaterThan(AWAY_MS_MAX);
  expect([unlucky.ids, unlucky.isDone]).toEqual([[1], false]);
  await logs.comeBack();
  const again = (await follow(long)).take();
  await until('it has all', () => again.ids.length === 3);
}, 60_000);
