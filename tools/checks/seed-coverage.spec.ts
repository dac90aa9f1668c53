import { filesMatching, fixture, repository } from './repository.ts';
import { brokenSeedClaims } from './seed-coverage.ts';

test('every test that docs/seeds names exists', () => {
  expect(filesMatching(['docs/seeds/*.md'])).toContain('docs/seeds/002-messages.md');
  expect(brokenSeedClaims(repository)).toEqual([]);
});

test('the known-bad pages are refused for what is not there, and for nothing else', () => {
  const spec = 'apps/e2e/src/notes.e2e.spec.ts';
  expect(brokenSeedClaims(fixture('seed-coverage'))).toEqual([
    'docs/seeds/empty.md: has no row that claims anything',
    `docs/seeds/notes.md:14: ${spec} has no test "a note that was renamed"`,
    `docs/seeds/notes.md:15: ${spec} has no test "a note that is skipped"`,
    `docs/seeds/notes.md:16: ${spec} has no test "a chapter"`,
    'docs/seeds/notes.md:17: there is no apps/e2e/src/gone.e2e.spec.ts',
    'docs/seeds/notes.md:18: no spec file with a test, no "Not built:" or "Different:": somewhere',
    'docs/seeds/notes.md:19: no spec file with a test, no "Not built:" or "Different:": Not built:',
    'docs/seeds/notes.md:20: a row is Seed and Shown by, both filled in',
    'docs/seeds/notes.md:21: a row is Seed and Shown by, both filled in',
  ]);
});
