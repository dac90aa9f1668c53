import fc from 'fast-check';
import { parseList } from 'structured-headers';
import { takeUnits, untilNextUnitUs, wholeUnitsLeft } from './bucket.js';
import { rateLimitField, remainingOf, resetUnixSeconds, retryAfterSeconds } from './rate-fields.js';
import { type RateRule, ruleFor } from './rate-table.js';

const nowUs = 1_764_000_000_000_000;
const read = ruleFor('v1-read', { tier: '', limitPerMinute: 0 });
const after = (calls: number, rule: RateRule = read) => ({ rule, debtUs: calls * rule.intervalUs, nowUs });

test('a fresh read token shows 599 after its first call', () => {
  const reading = after(1);
  expect(remainingOf(reading)).toBe(599);
  expect(rateLimitField(reading)).toBe('"sustained";r=599;t=1, "burst";r=899;t=1');
  expect(resetUnixSeconds(reading)).toBe(1_764_000_001);
});

test('calls still pass while the reserve lasts, with nothing remaining', () => {
  expect(rateLimitField(after(600))).toBe('"sustained";r=0;t=1, "burst";r=300;t=1');
  expect(rateLimitField(after(890))).toBe('"sustained";r=0;t=30, "burst";r=10;t=1');
});

test('a full bucket says no time, an empty one when to come back', () => {
  expect(rateLimitField(after(0))).toBe('"sustained";r=600, "burst";r=900');
  expect(retryAfterSeconds(after(900))).toBe(1);
  const slow = ruleFor('v1-write', { tier: '', limitPerMinute: 6 });
  expect(retryAfterSeconds(after(11, slow))).toBe(10);
});

const rules = fc
  .record({
    bucket: fc.constantFrom('v1-read' as const, 'v1-write' as const, 'api' as const),
    tier: fc.constantFrom('free', 'starter', 'pro', 'agency', 'enterprise'),
    limitPerMinute: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
  })
  .map(({ bucket, ...credential }) => ruleFor(bucket, credential));
const readings = fc
  .tuple(rules, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([rule, share]) => ({ rule, debtUs: Math.round(share * rule.capacity * rule.intervalUs), nowUs }));

test('the fields of any reading are structured fields that say what the figures say', () => {
  fc.assert(
    fc.property(readings, (reading) => {
      const [sustained, burst] = parseList(rateLimitField(reading));
      expect([sustained?.[0], burst?.[0]]).toEqual(['sustained', 'burst']);
      expect(sustained?.[1].get('r')).toBe(remainingOf(reading));
      expect(burst?.[1].get('r')).toBe(wholeUnitsLeft(reading.rule, reading.debtUs));
      for (const item of [sustained, burst]) {
        const seconds = item?.[1].get('t');
        expect(seconds === undefined).toBe(reading.debtUs === 0);
        if (seconds !== undefined) expect(Number(seconds)).toBeGreaterThanOrEqual(1);
      }
      const policies = parseList(reading.rule.policyField);
      expect(policies.map(([name]) => name)).toEqual(['sustained', 'burst']);
      expect(policies.map(([, parameters]) => parameters.get('w'))).toEqual([60, 10]);
      expect(policies[0]?.[1].get('q')).toBe(reading.rule.perMinute);
    }),
  );
});

test('one unit more fits exactly when the reading says so, and not a microsecond before', () => {
  fc.assert(
    fc.property(readings, ({ rule, debtUs }) => {
      fc.pre(debtUs > 0);
      const left = wholeUnitsLeft(rule, debtUs);
      const waitUs = untilNextUnitUs(rule, debtUs);
      expect(wholeUnitsLeft(rule, Math.max(0, debtUs - waitUs))).toBe(left + 1);
      expect(wholeUnitsLeft(rule, debtUs - waitUs + 1)).toBe(left);
    }),
  );
});

test('a bucket never gives more than it holds, and what it refuses costs nothing', () => {
  fc.assert(
    fc.property(readings, fc.nat(1_000), ({ rule, debtUs }, units) => {
      const left = wholeUnitsLeft(rule, debtUs);
      const { taken, debtUs: debtAfterUs } = takeUnits(rule, debtUs, units);
      expect(taken).toBe(Math.min(units, left));
      expect(debtAfterUs).toBe(debtUs + taken * rule.intervalUs);
    }),
  );
});
