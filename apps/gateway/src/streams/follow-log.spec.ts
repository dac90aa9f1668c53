import { create } from '@bufbuild/protobuf';
import { type EventPage, EventPageSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { followLog, logLines } from './follow-log.js';
import { LiveWindow } from './live-window.js';

/** A log of `length` events of which `ended` says whether they are all. */
class TestLog {
  length = 0;
  hasEnded = false;
  reads = 0;
  listener: (page: EventPage) => void = () => {};
  readonly end = new AbortController();

  readonly read = async (after: number): Promise<EventPage> => {
    this.reads += 1;
    return this.page(after + 1, Math.min(this.length, after + 2));
  };

  readonly watch = () =>
    new LiveWindow((listener) => {
      this.listener = listener;
      return () => {
        this.listener = () => {};
      };
    }, this.end.signal);

  grow(count: number, hasEnded = false, isTold = true): void {
    this.length += count;
    this.hasEnded = hasEnded;
    if (isTold) this.listener(this.page(this.length - count + 1, this.length));
  }

  private page(from: number, to: number): EventPage {
    const ids = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    const events = ids.map((id) => ({ id, data: Buffer.from(`{"n":${id}}`) }));
    const hasMore = to < this.length;
    return create(EventPageSchema, { events, hasMore, isEnded: this.hasEnded && !hasMore });
  }
}

const frame = (id: number) => `id: ${id}\ndata: {"n":${id}}\n\n`;
const follow = (log: TestLog, after = 0, quietMs = 1_000) =>
  followLog({ after, closing: '[DONE]', read: log.read, watch: log.watch }, quietMs);

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

test('a service that is away for a moment is waited for', async () => {
  const log = new TestLog();
  log.grow(2, true);
  let failures = 2;
  const read = async (after: number) => {
    failures -= 1;
    if (failures >= 0) throw new ProblemError('service_unavailable', 'away');
    return log.read(after);
  };
  const frames = followLog({ after: 0, closing: '', read, watch: log.watch });
  expect(await collect(frames)).toEqual([frame(1), frame(2)]);
});

test('a gateway that leaves ends the stream where it is', async () => {
  const log = new TestLog();
  log.grow(1);
  const frames = follow(log);
  await frames.next();
  const rest = collect(frames);
  log.end.abort();
  expect(await rest).toEqual([]);
});

test('lines end with what is there now', async () => {
  const log = new TestLog();
  log.grow(3);
  expect(await collect(logLines({ after: 0, read: log.read }))).toEqual(['{"n":1}\n{"n":2}\n', '{"n":3}\n']);
});
