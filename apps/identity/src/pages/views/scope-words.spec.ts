import { PLATFORM_SCOPES } from '@magistry/contracts';
import { scopeInWords, scopesInWords } from './scope-words.js';

test('every scope of the platform has words of its own', () => {
  const words = PLATFORM_SCOPES.map(scopeInWords);
  expect(words.filter((said) => said.includes(':'))).toEqual([]);
  expect(new Set(words).size).toBe(PLATFORM_SCOPES.length);
});

test.each([
  ['planner:write', 'Propose decisions, and change the policy that judges them'],
  ['seo:*', 'Do everything with search engine settings'],
  ['openid', 'Know who you are'],
  ['read', 'See everything in the workspace'],
  ['posts:write', 'posts:write'],
])('%s is said as %s', (scope, said) => expect(scopeInWords(scope)).toBe(said));

test('scopes are said once each, in one order', () => {
  expect(scopesInWords(['members:read', 'openid', 'decisions:read', 'members:read'])).toEqual([
    'Know who you are',
    'See decisions in the ledger',
    'See members and invitations',
  ]);
});
