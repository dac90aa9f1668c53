import { firstFreeSlug, isSlug, slugFrom } from './slug.js';

test.each([
  ['Linen House', 'linen-house'],
  ['  Café & Crème, Ltd. ', 'cafe-creme-ltd'],
  ['2024', 'workspace-2024'],
  ['木の家', 'workspace'],
  ['--', 'workspace'],
  ['x', 'x'],
])('%j becomes %s', (name, slug) => expect(slugFrom(name)).toBe(slug));

test('a long name leaves room for a number and ends in no hyphen', () => {
  const slug = slugFrom(`${'a'.repeat(51)} tail`);
  expect(slug).toBe('a'.repeat(51));
  expect(isSlug(`${slug}-1000000000`)).toBe(true);
  expect(isSlug(slugFrom('9'.repeat(300)))).toBe(true);
});

test('takes slugs of words joined by single hyphens only', () => {
  expect(['a', 'linen-house', '3m', 'a'.repeat(63)].every(isSlug)).toBe(true);
  const refused = ['', '-a', 'a-', 'a--b', 'A', 'a_b', 'a b', 'é', '42', '4-2', 'a\n', 'a'.repeat(64)];
  expect(refused.filter(isSlug)).toEqual([]);
});

test('a taken slug gets the first free number', () => {
  expect(firstFreeSlug('acme', new Set())).toBe('acme');
  expect(firstFreeSlug('acme', new Set(['acme']))).toBe('acme-2');
  expect(firstFreeSlug('acme', new Set(['acme', 'acme-2', 'acme-4']))).toBe('acme-3');
});
