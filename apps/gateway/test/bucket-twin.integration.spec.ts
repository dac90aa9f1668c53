import { required } from '@magistry/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { carriedDebtUs, takeUnits } from '../src/admission/bucket.js';
import { ruleFor } from '../src/admission/rate-table.js';
import { ADMIT } from '../src/admission/scripts.js';

let redis: Redis;
beforeAll(() => {
  redis = new Redis(required('MAGISTRY_TEST_REDIS_URL'));
});
afterAll(() => redis.disconnect());

type Answer = [number, number, number, number];
let keys = 0;

function take(name: string, rule: { intervalUs: number; capacity: number }, units: number): Promise<unknown> {
  const requests = Array.from({ length: units }, () => ['', '', 0]).flat();
  const limits = [rule.intervalUs, rule.capacity, units, 'gateway', 0, 1_000_000, 30_000_000];
  return redis.eval(
    ADMIT,
    2,
    `magistry:{${name}}:limit`,
    `magistry:{${name}}:in-flight`,
    ...limits,
    ...requests,
    1,
  );
}

const steps = fc.array(
  fc.record({
    limitPerMinute: fc.constantFrom(1, 7, 60, 601, 100_000, 1_000_000),
    units: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 1, maxLength: 12 },
);

test('Lua and TypeScript agree on every bucket, also when its limit changes between requests', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      keys += 1;
      let fullUs = 0;
      let formerUs = 1;
      for (const { limitPerMinute, units } of taken) {
        const rule = ruleFor('v1-write', { tier: '', limitPerMinute });
        const [admitted, , debtUs, nowUs] = (await take(
          `twin-${process.pid}-${keys}`,
          rule,
          units,
        )) as Answer;
        const before = carriedDebtUs(rule, Math.max(0, fullUs - nowUs), formerUs);
        expect({ taken: admitted, debtUs }).toEqual(takeUnits(rule, before, units));
        if (admitted > 0) {
          fullUs = nowUs + debtUs;
          formerUs = rule.intervalUs;
        }
      }
    }),
    { numRuns: 200 },
  );
});
