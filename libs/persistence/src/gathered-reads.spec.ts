import { GatheredReads } from './gathered-reads.js';

interface Row {
  readonly key: string;
}

/** Rows `a` to `z`, whose readings a test answers. */
class Table {
  readonly readings: { workspaceId: number; keys: string[]; answer(): void; fail(error: Error): void }[] = [];
  readonly reads = new GatheredReads<Row>(
    (workspaceId, keys) => {
      const { promise, resolve, reject } = Promise.withResolvers<Row[]>();
      const rows = keys.filter((key) => key <= 'z').map((key) => ({ key }));
      this.readings.push({ workspaceId, keys, answer: () => resolve(rows), fail: reject });
      return promise;
    },
    ({ key }) => key,
  );

  get keys(): string[][] {
    return this.readings.map(({ keys }) => keys);
  }
}

const turn = () => new Promise(setImmediate);

test('what is asked for at once is read together, each key once', async () => {
  const { reads, readings } = new Table();
  const all = Promise.all(['a', 'b', 'a', 'zz'].map((key) => reads.find(7, key)));
  await turn();
  readings[0]?.answer();
  expect(await all).toEqual([{ key: 'a' }, { key: 'b' }, { key: 'a' }, undefined]);
  expect(readings.map(({ keys }) => keys)).toEqual([['a', 'b', 'zz']]);
});

test('what is asked for while a reading is under way is read behind it, also when it is the same', async () => {
  const table = new Table();
  const first = table.reads.find(7, 'a');
  await turn();
  const second = Promise.all([table.reads.find(7, 'a'), table.reads.find(7, 'c')]);
  await turn();
  expect(table.keys).toEqual([['a']]);
  table.readings[0]?.answer();
  await first;
  await turn();
  expect(table.keys).toEqual([['a'], ['a', 'c']]);
  table.readings[1]?.answer();
  expect(await second).toEqual([{ key: 'a' }, { key: 'c' }]);
});

test('workspaces are read by themselves', async () => {
  const { reads, readings } = new Table();
  const all = Promise.all([reads.find(7, 'a'), reads.find(8, 'a')]);
  await turn();
  expect(readings.map(({ workspaceId }) => workspaceId)).toEqual([7, 8]);
  for (const reading of readings) reading.answer();
  await all;
});

test('a reading that fails is the failure of who waits for it, and of nobody else', async () => {
  const { reads, readings } = new Table();
  const failed = reads.find(7, 'a');
  await turn();
  const next = reads.find(7, 'b');
  readings[0]?.fail(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  await turn();
  readings[1]?.answer();
  expect(await next).toEqual({ key: 'b' });
});

test('a reading that hangs does not hold up who comes after it', async () => {
  const { reads, readings } = new Table();
  void reads.find(7, 'a');
  await turn();
  const next = reads.find(7, 'b');
  while (readings.length < 2) await turn();
  readings[1]?.answer();
  expect(await next).toEqual({ key: 'b' });
}, 2_000);

test('a burst of many keys is read in parts', async () => {
  const { reads, readings } = new Table();
  const all = Promise.all(Array.from({ length: 120 }, (_, index) => reads.find(7, `a${index}`)));
  for (let part = 0; part < 3; part += 1) {
    while (readings.length <= part) await turn();
    readings[part]?.answer();
  }
  expect((await all).map((row) => row?.key)).toEqual(Array.from({ length: 120 }, (_, index) => `a${index}`));
  expect(readings.map(({ keys }) => keys.length)).toEqual([50, 50, 20]);
});
