import { requireNoReservedSlug, skeletonOf } from './partner-slug.js';

test.each([
  ['research-tool', 'researchtool'],
  ['research-tool', 'research-t00l'],
  ['research-tool', 're-search-too1'],
  ['modern-sales', 'rnodem-5ales'],
  ['wave', 'vvave'],
])('%s and %s look alike', (one, other) => expect(skeletonOf(other)).toBe(skeletonOf(one)));

test.each([
  ['mail-tool', 'mall-tool'],
  ['clover', 'dover'],
  ['tool-2', 'tool-3'],
])('%s and %s do not', (one, other) => expect(skeletonOf(other)).not.toBe(skeletonOf(one)));

test.each(['magistry', 'magistry-sync', 'rnag1stry', 'mag-istry', 'the-magistry-team', 'admin', 'adm1n'])(
  '%s passes for the platform and is refused',
  (slug) =>
    expect(() => requireNoReservedSlug(slug)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        errors: [{ path: 'slug', code: 'reserved' }].map(expect.objectContaining),
      }),
    ),
);

test.each(['research-tool', 'administrate', 'systematic', 'magic-history'])('%s is nobody else', (slug) =>
  expect(() => requireNoReservedSlug(slug)).not.toThrow(),
);
