import { identity } from '@magistry/contracts';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const ISSUER = 'https://api.example.com';
let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const { url } = await running.call(identity.getHttpAddress, {});
  return fetch(`${url}${path}`, init);
}

test.each(['oauth-authorization-server', 'openid-configuration'])(
  '%s names the issuer and addresses below it, whatever the request says of itself',
  async (document) => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    const answer = await ask(`/.well-known/${document}`, { headers });
    const metadata = (await answer.json()) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      issuer: ISSUER,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
    const endpoints = Object.entries(metadata).filter(([name]) => /_(endpoint|uri)$/.test(name));
    expect(endpoints.length).toBeGreaterThan(7);
    expect(endpoints.filter(([, url]) => !String(url).startsWith(`${ISSUER}/`))).toEqual([]);
  },
);

test('a path or method that there is not is 404 in the words of OAuth', async () => {
  for (const [path, method] of [
    ['/oauth/nothing', 'GET'],
    ['/oauth/token', 'GET'],
    ['/.well-known/nothing', 'GET'],
  ] as const) {
    const answer = await ask(path, { method });
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: 'invalid_request' }]);
  }
});
