import { setImmediate as turn } from 'node:timers/promises';
import { Gatherer } from './gatherer.js';

test('entries of one turn travel together, each gets its own answer, and keys do not mix', async () => {
  const trips: number[][] = [];
  const gatherer = new Gatherer<number, number>(async (entries) => {
    trips.push([...entries]);
    return entries.map((entry) => entry * 10);
  }, 3);
  const adding = [1, 2, 3, 4].map((entry) => gatherer.add('a', entry));
  adding.push(gatherer.add('b', 5));
  expect(await Promise.all(adding)).toEqual([10, 20, 30, 40, 50]);
  expect(trips).toEqual([[1, 2, 3], [5], [4]]);
});

test('while four trips are out the rest waits, and then leaves together', async () => {
  const trips: { size: number; finish: () => void }[] = [];
  const gatherer = new Gatherer<number, number>(
    (entries) =>
      new Promise((resolve) => {
        trips.push({ size: entries.length, finish: () => resolve(entries) });
      }),
    100,
  );
  const adding: Promise<number>[] = [];
  for (let entry = 0; entry < 10; entry += 1) {
    adding.push(gatherer.add('a', entry));
    await turn();
  }
  expect(trips.map(({ size }) => size)).toEqual([1, 1, 1, 1]);
  trips[0]?.finish();
  await turn();
  await turn();
  expect(trips.map(({ size }) => size)).toEqual([1, 1, 1, 1, 6]);
  for (const { finish } of trips) finish();
  expect(await Promise.all(adding)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a failure is the failure of all that went together, and of nobody else', async () => {
  let fails = true;
  const gatherer = new Gatherer<number, number>(async (entries) => {
    if (fails) throw new Error('away');
    return entries;
  }, 10);
  const together = await Promise.allSettled([gatherer.add('a', 1), gatherer.add('a', 2)]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await gatherer.add('a', 3)).toBe(3);
});
