import { pageHeaders, sourceOf } from './page-headers.js';

test.each([
  ['https://app.example/callback?x=1', 'https://app.example'],
  ['http://127.0.0.1:7171/cb', 'http://127.0.0.1:7171'],
  ['http://[::1]:7171/cb', 'http://[::1]:7171'],
  ['com.example.app:/callback', 'com.example.app:'],
  ["https://a.example;script-src 'unsafe-inline'/", undefined],
  ['no address', undefined],
])('a form may lead on to %s as %s', (address, source) => expect(sourceOf(address)).toBe(source));

test('a page may run no script, stand in no frame and send its forms to us alone', () => {
  const { 'content-security-policy': policy = '', ...headers } = pageHeaders();
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self';/);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|script/);
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' });
});
