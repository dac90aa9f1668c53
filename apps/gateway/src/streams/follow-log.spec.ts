import { create } from '@bufbuild/protobuf';
import { type EventPage, EventPageSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { followLog, logLines } from './follow-log.js';
import { type HeldFrames, LiveLog } from './live-log.js';

/** A log of `length` events of which `ended` says whether they are all. */
class TestLog {
  length = 0;
  hasEnded = false;
  reads = 0;
  listener: (page: EventPage) => void = () => {};
  isLeft = false;
  readonly gateway = new AbortController();
  readonly end = this.gateway.signal;
  readonly held: HeldFrames = { bytes: 0 };
  private live: LiveLog | undefined;

  constructor(private readonly textOf = (id: number) => `{"n":${id}}`) {}

  read = async (after: number): Promise<EventPage> => {
    this.reads += 1;
    return this.page(after + 1, Math.min(this.length, after + 2));
  };

  listen(listener: (page: EventPage) => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => {};
    };
  }

  enter(quietMs: number): LiveLog {
    this.live ??= new LiveLog(
      this,
      this.held,
      () => {
        this.live = undefined;
        this.isLeft = true;
      },
      quietMs,
    );
    return this.live.enter();
  }

  grow(count: number, hasEnded = false, isTold = true): void {
    this.length += count;
    this.hasEnded = hasEnded;
    if (isTold) this.listener(this.page(this.length - count + 1, this.length));
  }

  private page(from: number, to: number): EventPage {
    const ids = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    const events = ids.map((id) => ({ id, data: Buffer.from(this.textOf(id)) }));
    const hasMore = to < this.length;
    return create(EventPageSchema, { events, hasMore, isEnded: this.hasEnded && !hasMore });
  }
}

const frame = (id: number) => `id: ${id}\ndata: {"n":${id}}\n\n`;
const follow = (log: TestLog, after = 0, quietMs = 1_000) =>
  text(followLog({ after, closing: '[DONE]', watch: () => log.enter(quietMs) }));

async function* text(frames: AsyncGenerator<Buffer>): AsyncGenerator<string> {
  for await (const frame of frames) yield frame.toString();
}

async function collect(frames: AsyncGenerator<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const chunk of frames) all.push(chunk);
  return all;
}

test('an ended log comes from wherever the client is, one chunk an event, then what closes it', async () => {
  const log = new TestLog();
  log.grow(5, true);
  expect(await collect(follow(log, 2))).toEqual([frame(3), frame(4), frame(5), 'data: [DONE]\n\n']);
});

test('live pages are sent without reading, also those that a reading overlaps', async () => {
  const log = new TestLog();
  log.grow(1);
  const frames = follow(log);
  expect((await frames.next()).value).toBe(frame(1));
  const next = frames.next();
  await new Promise(setImmediate);
  const { reads } = log;
  log.grow(1);
  expect((await next).value).toBe(frame(2));
  log.grow(1, true);
  expect(await collect(frames)).toEqual([frame(3), 'data: [DONE]\n\n']);
  expect(log.reads).toBe(reads);
});

test('a page that got lost is read from the log, and nothing comes twice', async () => {
  const log = new TestLog();
  log.grow(1);
  const frames = follow(log);
  await frames.next();
  const rest = collect(frames);
  await new Promise(setImmediate);
  log.grow(3, false, false);
  log.grow(1, true);
  expect(await rest).toEqual([frame(2), frame(3), frame(4), frame(5), 'data: [DONE]\n\n']);
});

test('a quiet log is heard to live, and looked at', async () => {
  const log = new TestLog();
  log.grow(1);
  const frames = follow(log, 0, 5);
  await frames.next();
  expect((await frames.next()).value).toBe(':\n\n');
  log.grow(1, true, false);
  const rest = (await collect(frames)).filter((chunk) => chunk !== ':\n\n');
  expect(rest).toEqual([frame(2), 'data: [DONE]\n\n']);
});

test('a log with nothing in it yet is heard to live at once, and not again before it is quiet', async () => {
  const log = new TestLog();
  const frames = follow(log);
  expect((await frames.next()).value).toBe(':\n\n');
  const rest = collect(frames);
  await new Promise(setImmediate);
  log.grow(1, true);
  expect(await rest).toEqual([frame(1), 'data: [DONE]\n\n']);
});

test('a service that is away for a moment is waited for', async () => {
  const log = new TestLog();
  log.grow(2, true);
  let failures = 2;
  const { read } = log;
  log.read = async (after) => {
    failures -= 1;
    if (failures >= 0) throw new ProblemError('service_unavailable', 'away');
    return read(after);
  };
  expect(await collect(follow(log))).toEqual([frame(1), frame(2), 'data: [DONE]\n\n']);
});

test('a gateway that leaves ends the stream where it is', async () => {
  const log = new TestLog();
  log.grow(1);
  const frames = follow(log);
  await frames.next();
  const rest = collect(frames);
  log.gateway.abort();
  expect(await rest).toEqual([]);
});

test('lines end with what is there now', async () => {
  const log = new TestLog();
  log.grow(3);
  expect(await collect(logLines(0, log.read))).toEqual(['{"n":1}\n{"n":2}\n', '{"n":3}\n']);
});

test('many followers of one log read it once, and get the same bytes', async () => {
  const log = new TestLog();
  log.grow(1);
  const all = Array.from({ length: 50 }, () =>
    followLog({ after: 0, closing: '', watch: () => log.enter(1_000) }),
  );
  const first = await Promise.all(all.map(async (frames) => (await frames.next()).value));
  expect(log.reads).toBe(1);
  const next = all.map(async (frames) => (await frames.next()).value);
  await new Promise(setImmediate);
  log.grow(1, true);
  const second = await Promise.all(next);
  expect(new Set([...first, ...second]).size).toBe(2);
  await Promise.all(all.map((frames) => frames.next()));
  expect(log.isLeft).toBe(true);
  expect(log.held.bytes).toBe(0);
});

test('a follower that takes nothing holds no more than its page, and reads when it takes again', async () => {
  const log = new TestLog((id) => JSON.stringify({ n: id, words: 'x'.repeat(10_000) }));
  log.grow(1);
  const slow = follow(log);
  await slow.next();
  const waiting = slow.next();
  await new Promise(setImmediate);
  log.grow(1);
  await waiting;
  for (let count = 0; count < 100; count += 1) log.grow(1);
  expect(log.held.bytes).toBeLessThan(64 * 1_024);
  const { reads } = log;
  log.grow(1, true);
  const rest = await collect(slow);
  expect(rest.map((chunk) => /^id: (\d+)/.exec(chunk)?.[1])).toEqual([
    ...Array.from({ length: 101 }, (_, index) => String(index + 3)),
    undefined,
  ]);
  expect(log.reads).toBeGreaterThan(reads);
});

test('what all logs together may hold is not passed: who is behind reads', async () => {
  const log = new TestLog();
  log.held.bytes = 32 * 1_024 * 1_024;
  log.grow(1);
  const frames = follow(log);
  await frames.next();
  const next = frames.next();
  await new Promise(setImmediate);
  log.grow(1);
  expect((await next).value).toBe(frame(2));
  expect(log.held.bytes).toBe(32 * 1_024 * 1_024);
  await frames.return(undefined);
});
