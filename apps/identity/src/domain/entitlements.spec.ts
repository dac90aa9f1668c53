import { renderCheck, renderEntitlement } from './entitlements.js';
import { type Allowance, allowanceOf, allowancesOf } from './plans.js';

const NOW = new Date('2026-01-15T10:30:00Z');
const UPGRADE_URL = 'https://example.com/upgrade';

function allowance(feature: string, tier: Parameters<typeof allowanceOf>[1], now = NOW): Allowance {
  const found = allowanceOf(feature, tier, now);
  if (!found) throw new Error(`no ${feature}`);
  return found;
}

test('a check within the limit, and one beyond it, read as seed 003 prints them', () => {
  expect(renderCheck(allowance('posts', 'starter'), 45, 1, UPGRADE_URL)).toEqual({
    allowed: true,
    feature: 'posts',
    current_usage: 45,
    limit: 100,
    available: 55,
  });
  expect(renderCheck(allowance('posts', 'starter'), 100, 1, UPGRADE_URL)).toEqual({
    allowed: false,
    feature: 'posts',
    reason: 'LIMIT_EXCEEDED',
    message: 'Post limit exceeded. Used: 100, Limit: 100',
    current_usage: 100,
    limit: 100,
    available: 0,
    upgrade_url: UPGRADE_URL,
  });
});

test('the last unit is allowed, and the one after it is not', () => {
  expect(renderCheck(allowance('posts', 'free'), 9, 1, UPGRADE_URL).allowed).toBe(true);
  expect(renderCheck(allowance('posts', 'free'), 9, 2, UPGRADE_URL).allowed).toBe(false);
});

test('the summary of seed 003', () => {
  expect(renderEntitlement(allowance('posts', 'pro'), 45)).toEqual({
    used: 45,
    limit: 1000,
    available: 955,
    percentage: 4.5,
  });
  expect(renderEntitlement(allowance('api_calls', 'pro'), 5001)).toEqual({
    used: 5001,
    limit: 10000,
    available: 4999,
    percentage: 50.01,
    reset_at: '2026-02-01T00:00:00Z',
  });
  expect(renderEntitlement(allowance('storage', 'pro'), 1073741824)).toEqual({
    used: 1073741824,
    limit: 5368709120,
    available: 4294967296,
    percentage: 20,
    unit: 'bytes',
  });
});

test('unlimited is null, and business is agency', () => {
  expect(renderEntitlement(allowance('posts', 'enterprise'), 7)).toMatchObject({
    limit: null,
    available: null,
    percentage: null,
  });
  expect(allowancesOf('business', NOW)).toEqual(allowancesOf('agency', NOW));
});

test('a month ends with the month in UTC, a day with the day, and what stays never', () => {
  const last = new Date('2026-12-31T23:59:59.999Z');
  expect(allowance('api_calls', 'free', last)).toMatchObject({
    period: '2026-12',
    resetAt: new Date('2027-01-01T00:00:00Z'),
  });
  expect(allowance('message_credits', 'free', last)).toMatchObject({
    period: '2026-12-31',
    resetAt: new Date('2027-01-01T00:00:00Z'),
  });
  expect(allowance('storage', 'free', last)).toMatchObject({ period: '', resetAt: null });
});

test.each(['likes', '', '__proto__', 'constructor'])('there is no feature %j', (feature) => {
  expect(allowanceOf(feature, 'free', NOW)).toBeUndefined();
});
