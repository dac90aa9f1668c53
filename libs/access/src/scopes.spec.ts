import { allows, covers, isWellFormedScope, narrowed } from './index.js';

test.each([
  [['planner:write'], 'planner:write'],
  [['*'], 'killswitch:write'],
  [['planner:*'], 'planner:write'],
  [['*'], 'cost-limits:write'],
  [['cost-limits:*'], 'cost-limits:delete'],
  [['cost-limits:write'], 'cost-limits:write'],
  [['read'], 'cost-limits:read'],
  [['read'], 'decisions:read'],
  [['write'], 'killswitch:write'],
])('%j allows %s', (held, needed) => expect(allows(held, needed)).toBe(true));

test.each([
  [[], 'planner:write'],
  [['read'], 'planner:write'],
  [['write'], 'planner:read'],
  [['plan:*'], 'planner:write'],
  [['read', 'write'], 'cost-limits:write'],
  [['write', 'delete'], 'cost-limits:delete'],
  [['planner'], 'planner:write'],
])('%j does not allow %s', (held, needed) => expect(allows(held, needed)).toBe(false));

test('accepts well-formed scopes only', () => {
  expect(['*', 'read', 'seo:*', 'api-keys:write'].every(isWellFormedScope)).toBe(true);
  expect(['', 'a b', ':write', 'x:', '__proto__'].some(isWellFormedScope)).toBe(false);
});

test.each([
  [['*'], '*'],
  [['*'], 'read'],
  [['read'], 'posts:read'],
  [['posts:*'], 'posts:*'],
  [['posts:*'], 'posts:write'],
  [['posts:read'], 'posts:read'],
])('whoever holds %j may hand out %s', (held, granted) => expect(covers(held, granted)).toBe(true));

test.each([
  [['read', 'write', 'delete'], '*'],
  [['read:*'], 'read'],
  [['posts:*'], 'posts'],
  [['posts:read'], 'posts:*'],
  [['posts:read'], 'read'],
  [['read'], 'posts:*'],
  [[], 'posts:read'],
  [['read', 'write', 'delete'], 'cost-limits:write'],
  [['write'], 'cost-limits:*'],
])('whoever holds %j may not hand out %s', (held, granted) => expect(covers(held, granted)).toBe(false));

test.each([
  [['*'], ['read'], ['read']],
  [['write'], ['decisions:*'], ['decisions:write']],
  [['decisions:*'], ['read', 'decisions:write'], ['decisions:read', 'decisions:write']],
  [['decisions:read', 'members:write'], ['read'], ['decisions:read']],
  [['read', 'decisions:read'], ['*'], ['read']],
  [['write'], ['cost-limits:*'], []],
  [['cost-limits:write'], ['write'], []],
  [['*'], ['write', 'cost-limits:write'], ['write', 'cost-limits:write']],
  [['delete'], ['read'], []],
  [[], ['*'], []],
])('%j within %j is %j', (scopes, limit, left) => expect(narrowed(scopes, limit)).toEqual(left));
