import { isWellFormedScope } from '@magistry/access';
import type { ProblemError } from '@magistry/errors';
import {
  apiVersion,
  check,
  description,
  email,
  expiry,
  name,
  orAbsent,
  scopeList,
  slug,
  tier,
} from './fields.js';

const scopes = scopeList(isWellFormedScope);
const NOW_MS = Date.UTC(2026, 4, 25);

function refusal(work: () => unknown): ProblemError {
  try {
    work();
  } catch (error) {
    return error as ProblemError;
  }
  throw new Error('nothing was refused');
}

test('reads well-formed values, absent texts as undefined', () => {
  expect(
    check(
      { name, tier: orAbsent(tier), api_version: orAbsent(apiVersion), expires: expiry(NOW_MS), scopes },
      { name: 'Linen', tier: 'pro', api_version: '', expires: 0, scopes: ['planner:write', 'read', 'x:*'] },
    ),
  ).toEqual({
    name: 'Linen',
    tier: 'pro',
    api_version: undefined,
    expires: 0,
    scopes: ['planner:write', 'read', 'x:*'],
  });
});

test('names every faulty field at once, with its place in a list', () => {
  const refused = refusal(() =>
    check({ name, slug, email, scopes }, { name: '', slug: 'No', email: 'x', scopes: ['read', 'a b'] }),
  );
  expect(refused.code).toBe('validation_failed');
  expect(refused.errors.map((error) => error.path)).toEqual(['name', 'slug', 'email', 'scopes[1]']);
  expect(refused.errors[3]?.message).toBe('must be resource:action, resource:*, read, write or *');
});

test.each([
  ['a tier that is none', orAbsent(tier), 'gold'],
  ['an unpublished version', orAbsent(apiVersion), '1999-01-01'],
  ['an expiry that is past', expiry(NOW_MS), NOW_MS],
  ['an expiry that is no number', expiry(NOW_MS), Number.NaN],
  ['an expiry beyond the calendar', expiry(NOW_MS), 1e300],
  ['a name with a control character', name, 'a\u0000b'],
  ['a description that is too long', description, 'a'.repeat(2_001)],
])('refuses %s', (_, field, value) => {
  expect(refusal(() => check({ field }, { field: value })).errors).toHaveLength(1);
});
