import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from '@magistry/errors';
import { LookupCache } from './lookup-cache.js';

const refusal = new ProblemError('not_found', 'no');
const cacheOf = (options = {}) =>
  new LookupCache<{ name: string }>({ refusal: 'not_found', ttlMs: 60, entriesMax: 2, ...options });

test('asks once while several wait, and answers at once from then on', async () => {
  const cache = cacheOf();
  let asked = 0;
  const ask = async () => {
    asked += 1;
    await sleep(5);
    return { name: 'a' };
  };
  const [first, second] = await Promise.all([cache.lookUp('k', ask), cache.lookUp('k', ask)]);
  expect(first).toBe(second);
  expect(cache.lookUp('k', ask)).toBe(first);
  expect(asked).toBe(1);
});

test('counts the age of an answer from when it was asked', async () => {
  const cache = cacheOf();
  await cache.lookUp('k', async () => {
    await sleep(70);
    return { name: 'old' };
  });
  expect(await cache.lookUp('k', async () => ({ name: 'new' }))).toEqual({ name: 'new' });
});

test('keeps a refusal, and forgets any other failure', async () => {
  const cache = cacheOf();
  await expect(cache.lookUp('k', () => Promise.reject(refusal))).rejects.toBe(refusal);
  expect(() => cache.lookUp('k', async () => ({ name: 'a' }))).toThrow(refusal);
  await expect(cache.lookUp('x', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await cache.lookUp('x', async () => ({ name: 'back' }))).toEqual({ name: 'back' });
});

test('a flood of refusals evicts no answer', async () => {
  const cache = cacheOf({ ttlMs: 10_000 });
  await cache.lookUp('known', async () => ({ name: 'a' }));
  for (const key of ['1', '2', '3', '4']) {
    await expect(cache.lookUp(key, () => Promise.reject(refusal))).rejects.toBe(refusal);
  }
  expect(cache.lookUp('known', () => Promise.reject(refusal))).toEqual({ name: 'a' });
});

test('what is forgotten is asked anew, also while an older question is still open', async () => {
  const cache = cacheOf({ ttlMs: 10_000 });
  await cache.lookUp('known', async () => ({ name: 'revoked' }));
  let answerOld = (_: { name: string }) => {};
  const ask = () =>
    new Promise<{ name: string }>((resolve) => {
      answerOld = resolve;
    });
  const old = cache.lookUp('open', ask);
  cache.forget();
  const fresh = await cache.lookUp('open', async () => ({ name: 'new' }));
  answerOld({ name: 'old' });
  expect(await old).toEqual({ name: 'old' });
  expect(cache.lookUp('open', () => Promise.reject(refusal))).toBe(fresh);
  expect(await cache.lookUp('known', async () => ({ name: 'asked' }))).toEqual({ name: 'asked' });
});
