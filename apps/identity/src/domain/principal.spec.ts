import { parsePrincipalId, parseSelector, principalId } from './principal.js';

test.each([
  ['key:12', { apiKeyId: 12 }],
  ['partner:research-tool', { partnerSlug: 'research-tool', isTest: false }],
  ['partner:research-tool/test', { partnerSlug: 'research-tool', isTest: true }],
])('%s names a principal and is named by it', (id, principal) => {
  expect(parsePrincipalId(id)).toEqual(principal);
  expect(principalId(principal)).toBe(id);
});

test('the platform itself is named by what it does', () => {
  expect(parsePrincipalId('system:seed')).toEqual({ systemName: 'seed' });
});

test('other principals and malformed ids name none', () => {
  const ids = [
    '',
    'key:',
    'key:0',
    'key:07',
    'key:4294967295',
    'key:1e3',
    'partner:',
    'partner:A',
    'partner:/test',
    'partner:a/test/test',
    'somebody',
  ];
  expect(ids.filter((id) => parsePrincipalId(id) !== undefined)).toEqual([]);
});

test('a workspace is chosen by number or by slug', () => {
  expect(parseSelector('7')).toEqual({ id: 7, slug: null });
  expect(parseSelector('linen-house')).toEqual({ id: null, slug: 'linen-house' });
});

test('what can name no workspace is not looked for', () => {
  const texts = ['', '0', '-1', '1.5', '2147483648', '99999999999', '1 OR 1=1', 'a\u0000b', '__proto__'];
  expect(texts.filter((text) => parseSelector(text) !== undefined)).toEqual([]);
});
