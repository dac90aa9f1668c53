import { exceeds, TIERS } from './tiers.js';

test('each tier exceeds those listed before it, but business and agency are equals', () => {
  const above = TIERS.map((tier) => TIERS.filter((other) => exceeds(tier, other)));
  expect(above).toEqual([
    [],
    ['free'],
    ['free', 'starter'],
    ['free', 'starter', 'pro'],
    ['free', 'starter', 'pro'],
    ['free', 'starter', 'pro', 'agency', 'business'],
  ]);
});
