import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { required } from '@magistry/testing';
import { JobBell, JobWorker, RedisScripts } from '../src/index.js';

const redisUrl = required('MAGISTRY_TEST_REDIS_URL');
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function bell(name: string): JobBell {
  const made = new JobBell(redisUrl, name);
  closing.push(() => made.close());
  return made;
}

function worker(name: string, work: (key: string) => Promise<void>): JobWorker {
  const made = new JobWorker({ redisUrl, name, concurrency: 100, work, onFault: () => undefined });
  closing.unshift(() => made.close());
  return made;
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error(`waited in vain until ${what}`);
}

test('a key that was rung ten times before anybody looked is worked on once', async () => {
  const name = `test-${randomUUID()}`;
  const rung = bell(name);
  await until(() => true, 'connected');
  for (let times = 0; times < 10; times += 1) await ringSoon(rung, ['a', 'b']);
  expect((await rung.counts()).waiting).toBe(2);
  const worked: string[] = [];
  worker(name, async (key) => {
    worked.push(key);
  });
  await until(() => worked.length >= 2, 'both keys were worked on');
  await pause(100);
  expect(worked.sort()).toEqual(['a', 'b']);
});

test('a key that is rung while it is worked on is worked on once more, never twice at a time', async () => {
  const name = `test-${randomUUID()}`;
  const rung = bell(name);
  let running = 0;
  let most = 0;
  let runs = 0;
  const work = async () => {
    running += 1;
    runs += 1;
    most = Math.max(most, running);
    await pause(150);
    running -= 1;
  };
  worker(name, work);
  worker(name, work);
  await ringSoon(rung, ['a']);
  await until(() => running === 1, 'it runs');
  for (let times = 0; times < 5; times += 1) await rung.ring(['a']);
  await until(() => runs === 2 && running === 0, 'it ran again');
  await pause(250);
  expect({ runs, most }).toEqual({ runs: 2, most: 1 });
});

test('a key whose work failed can be rung again', async () => {
  const name = `test-${randomUUID()}`;
  const rung = bell(name);
  let runs = 0;
  worker(name, async () => {
    runs += 1;
    if (runs === 1) throw new Error('first time');
  });
  await ringSoon(rung, ['a']);
  await until(() => runs === 1, 'it failed');
  await pause(50);
  await rung.ring(['a']);
  await until(() => runs === 2, 'it ran again');
});

test('ringing and scripts fail at once while nobody is there', async () => {
  const away = new JobBell('redis://127.0.0.1:1', 'away');
  const scripts = new RedisScripts('redis://127.0.0.1:1', { echo: 'return ARGV[1]' });
  closing.push(
    () => away.close(),
    () => scripts.close(),
  );
  const startedAt = performance.now();
  await expect(away.ring(['a'])).rejects.toThrow();
  await expect(scripts.run('echo', [], ['x'])).rejects.toThrow();
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

test('a script runs on Redis', async () => {
  const scripts = new RedisScripts(redisUrl, { echo: 'return {KEYS[1], ARGV[1]}' });
  closing.push(() => scripts.close());
  for (let tries = 0; ; tries += 1) {
    const answer = await scripts.run('echo', ['k'], [7]).catch(() => undefined);
    if (answer === undefined && tries < 50) {
      await pause(20);
      continue;
    }
    expect(answer).toEqual(['k', '7']);
    break;
  }
});

/** A bell that was only just made is not connected yet. */
async function ringSoon(rung: JobBell, keys: string[]): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    try {
      return await rung.ring(keys);
    } catch {
      await pause(20);
    }
  }
  throw new Error('Redis does not answer');
}
