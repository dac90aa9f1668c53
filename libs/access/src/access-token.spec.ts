import { randomBytes } from 'node:crypto';
import { ACCESS_TOKEN_PREFIX, isAccessToken } from './index.js';

const token = `${ACCESS_TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;

test('256 bits after the prefix are an access token', () => {
  expect(isAccessToken(token)).toBe(true);
});

test.each([
  '',
  'at_',
  `${token}a`,
  token.slice(1),
  ` ${token}`,
  `${token}\n`,
  token.toUpperCase(),
  'sk_live_a',
])('%j is none, which is told without asking', (other) => expect(isAccessToken(other)).toBe(false));
