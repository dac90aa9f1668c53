import { brokenReferences } from './doc-references.ts';
import { fixture, repository } from './repository.ts';

test('every path that a document names exists', () => {
  expect(brokenReferences(repository)).toEqual([]);
});

test('the known-bad document is refused for its paths and links alone', () => {
  expect(brokenReferences(fixture('doc-references'))).toEqual([
    'README.md: apps/decisions/src/mian.ts',
    'README.md: libs/<lib>/src/index.ts',
    'README.md: docs/page.md',
    'apps/decisions/README.md: src/nothing.ts',
  ]);
});
