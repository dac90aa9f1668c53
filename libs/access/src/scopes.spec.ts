import { allows, isWellFormedScope } from './index.js';

test.each([
  [['planner:write'], 'planner:write'],
  [['*'], 'killswitch:write'],
  [['planner:*'], 'planner:write'],
  [['read'], 'decisions:read'],
  [['write'], 'killswitch:write'],
])('%j allows %s', (held, needed) => expect(allows(held, needed)).toBe(true));

test.each([
  [[], 'planner:write'],
  [['read'], 'planner:write'],
  [['write'], 'planner:read'],
  [['plan:*'], 'planner:write'],
  [['planner'], 'planner:write'],
])('%j does not allow %s', (held, needed) => expect(allows(held, needed)).toBe(false));

test('accepts well-formed scopes only', () => {
  expect(['*', 'read', 'seo:*', 'api-keys:write'].every(isWellFormedScope)).toBe(true);
  expect(['', 'a b', ':write', 'x:', '__proto__'].some(isWellFormedScope)).toBe(false);
});
