import type { EventPage } from '@magistry/contracts';
import type { LivePages } from '@magistry/messaging';
import type { RunRecord } from '../domain/run.js';
import { RunEnds } from './run-ends.js';

const KEY = { workspaceId: 7, id: 'mag-1' };
const NAME = '7.mag-1';
const running = { ...KEY, status: 'running' } as RunRecord;
const ended = { ...KEY, status: 'success' } as RunRecord;

/** NATS as far as a wait uses it, and the run's row. */
class Place {
  readonly listeners = new Set<(page: EventPage) => void>();
  row: RunRecord | undefined = running;
  reads = 0;
  readonly ends: RunEnds;

  constructor() {
    const listen: LivePages['listen'] = (name, listener) => {
      expect(name).toBe(NAME);
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    };
    this.ends = new RunEnds({ listen } as LivePages);
  }

  wait(signal = new AbortController().signal): Promise<RunRecord> {
    return this.ends.untilEnded(KEY, this.find, signal);
  }

  tell(isEnded: boolean): void {
    for (const listener of this.listeners) listener({ isEnded } as EventPage);
  }

  private readonly find = async () => {
    this.reads += 1;
    return this.row;
  };
}

/** One that counts who listens to it. */
function signalWithCount() {
  const controller = new AbortController();
  const listeners = new Set<unknown>();
  const { signal } = controller;
  const { addEventListener: add, removeEventListener: remove } = signal;
  signal.addEventListener = (type: string, listener: never) => {
    listeners.add(listener);
    add.call(signal, type, listener);
  };
  signal.removeEventListener = (type: string, listener: never) => {
    listeners.delete(listener);
    remove.call(signal, type, listener);
  };
  return { controller, signal, listeners };
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
};

test('who waits for a run that is executed here reads nothing and listens to nobody', async () => {
  const place = new Place();
  const here = Promise.withResolvers<RunRecord | undefined>();
  place.ends.endsHere(NAME, here.promise);
  const waiting = place.wait();
  await turns();
  expect(place.listeners.size).toBe(0);
  here.resolve(ended);
  expect([await waiting, place.reads]).toEqual([ended, 0]);
});

test('a run that is let go of here is waited for elsewhere', async () => {
  const place = new Place();
  const here = Promise.withResolvers<RunRecord | undefined>();
  place.ends.endsHere(NAME, here.promise);
  const waiting = place.wait();
  here.resolve(undefined);
  await turns();
  expect(place.listeners.size).toBe(1);
  place.row = ended;
  place.tell(true);
  expect([await waiting, place.listeners.size]).toEqual([ended, 0]);
});

test('a run that is taken up here again is waited for by its later execution', async () => {
  const place = new Place();
  const [first, second] = [Promise.withResolvers<undefined>(), Promise.withResolvers<RunRecord>()];
  place.ends.endsHere(NAME, first.promise);
  place.ends.endsHere(NAME, second.promise);
  first.resolve(undefined);
  await turns();
  const waiting = place.wait();
  second.resolve(ended);
  expect([await waiting, place.reads]).toEqual([ended, 0]);
});

test('a page that does not end the log wakes nobody', async () => {
  const place = new Place();
  const waiting = place.wait();
  await turns();
  const { reads } = place;
  place.tell(false);
  await turns();
  expect(place.reads).toBe(reads);
  place.row = ended;
  place.tell(true);
  await waiting;
});

test('an end that is told between the reading and the waiting is not missed', async () => {
  const place = new Place();
  const waiting = place.wait();
  // The row was read as running; the end comes before its reader is back.
  place.row = ended;
  place.tell(true);
  const startedAt = performance.now();
  expect(await waiting).toBe(ended);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('an end that nobody told is seen within two seconds', async () => {
  const place = new Place();
  const waiting = place.wait();
  await turns();
  place.row = ended;
  expect(await waiting).toBe(ended);
}, 2_000);

test.each([true, false])(
  'who stops waiting is told how the run stands (executed here: %s)',
  async (isHere) => {
    const place = new Place();
    if (isHere) place.ends.endsHere(NAME, new Promise(() => undefined));
    const { controller, signal } = signalWithCount();
    const waiting = place.wait(signal);
    await turns();
    controller.abort();
    expect([await waiting, place.listeners.size]).toEqual([running, 0]);
  },
);

test('a wait leaves no listener at a signal that lives as long as the process', async () => {
  const place = new Place();
  const { signal, listeners } = signalWithCount();
  const here = Promise.withResolvers<RunRecord>();
  place.ends.endsHere(NAME, here.promise);
  const waits = [place.wait(signal), place.wait(signal)];
  here.resolve(ended);
  await Promise.all(waits);
  await turns();
  const elsewhere = place.wait(signal);
  await turns();
  place.row = ended;
  place.tell(true);
  await elsewhere;
  expect(listeners.size).toBe(0);
});

test('a run that is gone is an error, not a wait without end', async () => {
  const place = new Place();
  place.row = undefined;
  await expect(place.wait()).rejects.toThrow('the run mag-1 is gone');
  expect(place.listeners.size).toBe(0);
});
