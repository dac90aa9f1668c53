import { publicOperations } from '@magistry/contracts';
import { IN_FLIGHT_LEASE_MS, InFlight } from './in-flight.js';

test('every operation is at its end before its place in flight is given up', () => {
  const longer = publicOperations.filter(({ deadlineMs }) => deadlineMs >= IN_FLIGHT_LEASE_MS);
  expect(longer.map(({ name }) => name)).toEqual([]);
});

test('the other gateways hear of it once an eighth of the limit has come free', () => {
  const told: number[] = [];
  const inFlight = new InFlight(16, (_principalId, count) => told.push(count));
  inFlight.enter('key:1', 4);
  for (let answered = 0; answered < 4; answered += 1) inFlight.leave('key:1');
  expect(told).toEqual([2, 0]);
  expect(inFlight.of('key:1')).toBe(0);
});

test('who enters while others are inside is counted with them, and what was told before counts no more', () => {
  const told: number[] = [];
  const inFlight = new InFlight(16, (_principalId, count) => told.push(count));
  inFlight.enter('key:1', 1);
  inFlight.enter('key:2', 5);
  inFlight.leave('key:1');
  inFlight.enter('key:2', 1);
  inFlight.leave('key:2');
  expect([told, inFlight.of('key:1'), inFlight.of('key:2')]).toEqual([[], 0, 5]);
});
