import { jest } from '@jest/globals';
import { BEGINNING_MS, PLACES, StartGate } from './start-gate.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** How many places each of `askers` has got by now, asking for `most` each. */
async function ask(gate: StartGate, askers: number, most: number): Promise<number[]> {
  const got = Array.from({ length: askers }, () => 0);
  for (let asker = 0; asker < askers; asker += 1)
    void gate.take(most).then((places) => {
      got[asker] = places;
    });
  await settled();
  return got;
}
const settled = () => jest.advanceTimersByTimeAsync(0);

test('places are given in the order of asking, and never more than there are', async () => {
  const gate = new StartGate();
  const got = await ask(gate, 5, 60);
  expect(got).toEqual([60, 60, 60, 60, PLACES - 240]);
});

test('a few that become free are kept until they are worth a look at what is due', async () => {
  const gate = new StartGate();
  await gate.take(PLACES);
  const got = await ask(gate, 1, 50);
  gate.giveBack(7);
  await settled();
  expect(got).toEqual([0]);
  gate.giveBack(1);
  await settled();
  expect(got).toEqual([8]);
});

test('an answered request makes room for one more, however often it is said', async () => {
  const gate = new StartGate();
  expect(await gate.take(PLACES)).toBe(PLACES);
  const leave = gate.enter();
  const got = await ask(gate, 2, 1);
  leave();
  leave();
  await settled();
  expect(got).toEqual([1, 0]);
});

test('a receiver that takes its time holds up nobody', async () => {
  const gate = new StartGate();
  await gate.take(PLACES);
  const leaves = Array.from({ length: PLACES }, () => gate.enter());
  const got = await ask(gate, 2, PLACES);
  await jest.advanceTimersByTimeAsync(BEGINNING_MS - 1);
  expect(got).toEqual([0, 0]);
  await jest.advanceTimersByTimeAsync(1);
  for (const leave of leaves) leave();
  await settled();
  expect([...got, await gate.take(PLACES)]).toEqual([8, 8, PLACES - 16]);
});

test('what was given back unused is given to the next', async () => {
  const gate = new StartGate();
  await gate.take(PLACES);
  const got = await ask(gate, 1, 8);
  gate.giveBack(30);
  await settled();
  expect(got).toEqual([8]);
});

test('a gate that closes sends away who waits and whoever comes', async () => {
  const gate = new StartGate();
  await gate.take(PLACES - 1);
  const leave = gate.enter();
  const waiting = [gate.take(8), gate.take(50)];
  gate.close();
  expect(await Promise.all(waiting)).toEqual([0, 0]);
  leave();
  expect(await gate.take(1)).toBe(0);
});
