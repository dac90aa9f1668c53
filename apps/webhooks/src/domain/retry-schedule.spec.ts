import fc from 'fast-check';
import { nextWaitMs, RETRY_WAITS_SECONDS, readRetryAfter } from './retry-schedule.js';

const HOUR_MS = 3_600_000;
const now = Date.parse('2026-11-24T12:00:00Z');
const waits = (random: number, schedule: readonly number[] | null = null) => {
  const found: number[] = [];
  for (let attempts = 1; ; attempts += 1) {
    const waitMs = nextWaitMs({ schedule, attempts, retryAfterMs: null, random });
    if (waitMs === undefined) return found;
    found.push(waitMs);
  }
};

test('ten attempts lie 73.6 hours apart at least, and 20 % more at most', () => {
  const [shortest, longest] = [waits(0), waits(1)];
  expect(shortest).toEqual(RETRY_WAITS_SECONDS.map((seconds) => seconds * 1_000));
  expect(shortest).toHaveLength(9);
  const sum = (all: readonly number[]) => all.reduce((total, wait) => total + wait, 0);
  expect(sum(shortest) / HOUR_MS).toBeCloseTo(73.6, 2);
  expect(sum(longest)).toBe(sum(shortest) * 1.2);
});

test('an endpoint with a schedule of its own is tried once more than it has waits', () => {
  expect(waits(0, [1, 2])).toEqual([1_000, 2_000]);
});

test('Retry-After is a floor that jitter never shortens, up to a day', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(200_000_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempts, retryAfterMs, random) => {
        const waitMs = nextWaitMs({ schedule: null, attempts, retryAfterMs, random }) ?? 0;
        const planned = (RETRY_WAITS_SECONDS[attempts - 1] ?? 0) * 1_000;
        expect(waitMs).toBeGreaterThanOrEqual(Math.max(planned, Math.min(retryAfterMs, 24 * HOUR_MS)));
        expect(waitMs).toBeLessThanOrEqual(Math.max(planned * 1.2 + 1, 24 * HOUR_MS));
      },
    ),
  );
});

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Tue, 24 Nov 2026 12:01:00 GMT', 60_000],
  ['Tuesday, 24-Nov-26 12:01:00 GMT', 60_000],
  ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
  ['-5', null],
  ['1.5', null],
  ['soon', null],
  ['2026', 2_026_000],
  ['99999999999', null],
  ['', null],
  [undefined, null],
])('Retry-After %j', (header, waitMs) => expect(readRetryAfter(header, now)).toBe(waitMs));
