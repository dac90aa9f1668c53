import { allows } from '@magistry/access';
import { installScopes, requireTierWithin } from './grants.js';

test('a key may stay at or below the tier of its workspace', () => {
  expect(() => requireTierWithin(undefined, 'free')).not.toThrow();
  expect(() => requireTierWithin('business', 'agency')).not.toThrow();
  expect(() => requireTierWithin('pro', 'starter')).toThrow('not be above the workspace');
});

test('an install grants what the partner asks unless scopes are named', () => {
  expect(installScopes([], ['planner:write', 'read'], allows)).toEqual(['planner:write', 'read']);
  expect(installScopes(['decisions:read'], ['planner:write', 'read'], allows)).toEqual(['decisions:read']);
});

test.each([
  [['planner:write'], ['planner:read']],
  [['*'], ['read', 'write']],
  [['write'], ['planner:write']],
  [['planner:*'], ['planner:write']],
])('an install of %j is refused when the partner asks %j', (named, asked) => {
  expect(() => installScopes(named, asked, allows)).toThrow('not among what the partner asks');
});
