import { allows, covers, narrowed } from '@magistry/access';
import { ROLES } from '@magistry/contracts';
import fc from 'fast-check';
import { ROLE_SCOPES, requireAnOwner, requireRoleWithin, rolesWithin } from './roles.js';

const codeOf = (work: () => void) => {
  try {
    work();
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

test('each role may do all that the next one may, and something more', () => {
  for (const [at, role] of ROLES.entries()) {
    const within = rolesWithin(ROLE_SCOPES[role], covers);
    expect(within).toEqual(ROLES.slice(at));
  }
});

test.each([
  ['admin', 'owner', 'access_denied'],
  ['admin', 'admin', 'done'],
  ['member', 'viewer', 'done'],
  ['member', 'admin', 'access_denied'],
] as const)('%s making somebody %s: %s', (holder, role, outcome) => {
  expect(codeOf(() => requireRoleWithin(role, ROLE_SCOPES[holder], covers))).toBe(outcome);
});

test.each(['cost-limits:write', 'cost-limits:delete'])('%s is for owners and admins', (scope) => {
  expect(ROLES.filter((role) => allows(ROLE_SCOPES[role], scope))).toEqual(['owner', 'admin']);
});

test('a key that may do no more than manage members hands out no role', () => {
  expect(rolesWithin(['members:write', 'members:read'], covers)).toEqual([]);
});

test.each([
  ['owner', undefined, 1, 'conflict'],
  ['owner', 'admin', 1, 'conflict'],
  ['owner', 'owner', 1, 'done'],
  ['owner', 'viewer', 2, 'done'],
  ['admin', undefined, 1, 'done'],
] as const)('%s becomes %s with %i owners: %s', (before, after, owners, outcome) => {
  expect(codeOf(() => requireAnOwner(before, after, owners))).toBe(outcome);
});

const scope = fc.constantFrom(
  '*',
  'read',
  'write',
  'decisions:*',
  'decisions:read',
  'members:write',
  'seo:write',
);

test('whatever a token asked for, its role leaves it nothing that the role may not do', () => {
  fc.assert(
    fc.property(fc.array(scope), fc.constantFrom(...ROLES), (asked, role) => {
      const left = narrowed(asked, ROLE_SCOPES[role]);
      expect(left.every((kept) => covers(asked, kept) && covers(ROLE_SCOPES[role], kept))).toBe(true);
    }),
  );
});
