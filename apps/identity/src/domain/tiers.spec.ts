import { effectiveTier, exceeds, TIERS } from './tiers.js';

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

test.each([
  [null, 'pro', 'pro'],
  ['free', 'pro', 'free'],
  ['enterprise', 'pro', 'pro'],
  ['business', 'agency', 'business'],
] as const)('a key of tier %p in a workspace of %p is served at %p', (key, workspace, served) => {
  expect(effectiveTier(key, workspace)).toBe(served);
});
