import { mintApiKey } from '@magistry/access';
import { presentedCredential } from './presented-credential.js';

const key = mintApiKey('sk_live').credential;
const other = mintApiKey('mag_live_partner').credential;

/** As Node gives them: every header in rawHeaders, only the first Authorization in headers. */
function request(...lines: [string, string][]) {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const known = headers[name.toLowerCase()];
    const joined = name.toLowerCase() === 'authorization' ? (known ?? value) : `${known}, ${value}`;
    headers[name.toLowerCase()] = known === undefined ? value : joined;
  }
  return { headers, rawHeaders: lines.flat() };
}

test.each([
  [request(['Authorization', `Bearer ${key}`])],
  [request(['authorization', `BEARER  ${key}`])],
  [request(['X-Api-Key', key])],
  [request(['x-api-key', key], ['Authorization', `Bearer ${key}`])],
])('finds the one key: %#', (sent) => {
  expect(presentedCredential(sent)).toBe(key);
});

test.each([
  ['nothing', request()],
  ['no token', request(['Authorization', 'Bearer'])],
  ['a bare key', request(['Authorization', key])],
  ['another scheme', request(['Authorization', `DPoP ${key}`])],
  ['two in one header', request(['Authorization', `Bearer ${key} ${key}`])],
  [
    'two Authorization headers',
    request(['Authorization', `Bearer ${key}`], ['AUTHORIZATION', `Bearer ${key}`]),
  ],
  ['two x-api-key headers', request(['x-api-key', key], ['x-api-key', key])],
  ['two principals', request(['Authorization', `Bearer ${key}`], ['x-api-key', other])],
  ['a wrong checksum', request(['x-api-key', `${key.slice(0, -1)}x`])],
  ['a key in capitals', request(['x-api-key', key.toUpperCase()])],
])('refuses %s', (_, sent) => {
  expect(() => presentedCredential(sent)).toThrow(expect.objectContaining({ code: 'unauthorized' }));
});
