import { setTimeout } from 'node:timers/promises';
import { JoinedReads } from './joined-reads.js';

/** Counts how often it reads. */
function counted() {
  let count = 0;
  return async () => {
    count += 1;
    return count;
  };
}

test('readers of one key share one read, others read for themselves', async () => {
  const reads = new JoinedReads<number>({ keysMax: 10, keptMs: 60_000 });
  const read = counted();
  expect(await Promise.all([reads.get('a', read), reads.get('a', read), reads.get('b', read)])).toEqual([
    1, 1, 2,
  ]);
});

test('what is too old is read anew', async () => {
  const reads = new JoinedReads<number>({ keysMax: 10, keptMs: 20 });
  const read = counted();
  await reads.get('a', read);
  await setTimeout(40);
  expect(await reads.get('a', read)).toBe(2);
});

test('no more keys are kept than allowed', async () => {
  const reads = new JoinedReads<number>({ keysMax: 1, keptMs: 60_000 });
  const read = counted();
  await reads.get('a', read);
  await reads.get('b', read);
  expect(await reads.get('a', read)).toBe(3);
});

test('a failed read is told to all who joined it and not kept', async () => {
  const reads = new JoinedReads<number>({ keysMax: 10, keptMs: 60_000 });
  const fail = () => Promise.reject(new Error('unreachable'));
  const joined = [reads.get('a', fail), reads.get('a', counted())];
  await expect(Promise.allSettled(joined)).resolves.toMatchObject([
    { status: 'rejected' },
    { status: 'rejected' },
  ]);
  expect(await reads.get('a', counted())).toBe(1);
});

test('forgetting an old read leaves a newer one', async () => {
  const reads = new JoinedReads<number>({ keysMax: 10, keptMs: 60_000 });
  const read = counted();
  const old = reads.get('a', read);
  reads.renew('a', read);
  reads.forget('a', old);
  expect(await reads.get('a', read)).toBe(2);
});
