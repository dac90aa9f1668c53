import { bucketOf, githubRule, routeRule, ruleFor, unauthenticatedRule } from './rate-table.js';

const plain = { tier: 'pro', limitPerMinute: 0 };

// The table of api.md section 5, row by row.
test.each([
  ['v1-read', 600, 900, '"sustained";q=600;w=60, "burst";q=1000;w=10'],
  ['v1-write', 60, 110, '"sustained";q=60;w=60, "burst";q=120;w=10'],
  ['v1-killswitch', 60, 110, '"sustained";q=60;w=60, "burst";q=120;w=10'],
] as const)('%s: %i a minute, %i at once, whatever the tier', (bucket, perMinute, capacity, policyField) => {
  expect(ruleFor(bucket, plain)).toMatchObject({ perMinute, capacity, policyField });
});

test.each([
  ['free', 60, 60],
  ['starter', 1_000, 1_200],
  ['pro', 5_000, 6_500],
  ['agency', 20_000, 30_000],
  ['business', 20_000, 30_000],
  ['enterprise', 100_000, 200_000],
  ['', 60, 60],
  ['a tier of tomorrow', 60, 60],
])('tier %s: %i a minute, %i at once', (tier, perMinute, capacity) => {
  expect(ruleFor('api', { tier, limitPerMinute: 0 })).toMatchObject({ perMinute, capacity });
});

test('an override takes the place of the sustained rate, and its burst keeps the proportion', () => {
  expect(ruleFor('v1-write', { ...plain, limitPerMinute: 6 })).toMatchObject({ perMinute: 6, capacity: 11 });
  expect(ruleFor('api', { ...plain, limitPerMinute: 100 })).toMatchObject({ perMinute: 100, capacity: 130 });
  expect(ruleFor('v1-read', { ...plain, limitPerMinute: 1 })).toMatchObject({ perMinute: 1, capacity: 2 });
});

test('the same limits are the same object, other limits another', () => {
  const overridden = { ...plain, limitPerMinute: 7 };
  expect(ruleFor('v1-read', overridden)).toBe(ruleFor('v1-read', { ...overridden }));
  expect(ruleFor('v1-read', overridden)).not.toBe(ruleFor('v1-read', plain));
});

test('an interval is whole microseconds, and an absurd override still has one', () => {
  expect(ruleFor('v1-read', { ...plain, limitPerMinute: 7 }).intervalUs).toBe(8_571_429);
  expect(ruleFor('v1-read', { ...plain, limitPerMinute: 2 ** 31 - 1 }).intervalUs).toBe(1);
});

test.each([
  ['/v1/decisions', 'read', 'v1-read'],
  ['/v1/planner/propose', 'write', 'v1-write'],
  ['/v1/killswitch', 'killswitch', 'v1-killswitch'],
  ['/api/v1/workspaces', 'write', 'api'],
] as const)('%s (%s) counts in %s', (path, rateClass, bucket) => {
  expect(bucketOf(path, rateClass)).toBe(bucket);
});

test('calls without valid credentials have no burst', () => {
  expect(unauthenticatedRule(60)).toMatchObject({ bucket: 'unauthenticated', perMinute: 60, capacity: 60 });
});

test('on the routes of seed 004 everybody has the figure of the deployment, where it has one', () => {
  const runs = { path: '/api/v1/runs', style: 'runs' } as const;
  const limited = routeRule(runs, 'read', 5);
  expect(limited({ tier: 'pro', limitPerMinute: 9 })).toMatchObject({
    bucket: 'runs',
    perMinute: 300,
    capacity: 5,
    refusal: 'Rate limit exceeded. Maximum 5 requests per second.',
  });
  expect(routeRule(runs, 'read')({ tier: 'pro', limitPerMinute: 0 })).toBe(
    ruleFor('api', { ...plain, tier: 'pro' }),
  );
  const others = { path: '/api/v1/workspaces', style: 'core' } as const;
  expect(routeRule(others, 'read', 5)({ tier: 'pro', limitPerMinute: 0 }).bucket).toBe('api');
});

test('GitHub has a bucket of its own, of 6,000 a minute or of the deployment’s figure', () => {
  expect(githubRule(undefined)).toMatchObject({ bucket: 'github', perMinute: 6_000, capacity: 6_000 });
  expect(githubRule(5)).toMatchObject({ bucket: 'github', perMinute: 300, capacity: 5 });
});
