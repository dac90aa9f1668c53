import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { identity } from '@magistry/contracts';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import { DoubledServices, startTestGateway } from './platform.fixture.js';

interface Passed {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
let doubles: DoubledServices;
let gateway: Gateway;
let server: Server;
let passed: Passed[] = [];
let answer = { status: 200, headers: {} as Record<string, string>, body: '{"ok":true}' };

beforeAll(async () => {
  doubles = await DoubledServices.start();
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    passed.push({ method, url, headers, body: await text(request) });
    response
      .writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      .end(answer.body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  gateway = await startTestGateway();
});
beforeEach(() => {
  doubles.httpUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  passed = [];
  answer = { status: 200, headers: {}, body: '{"ok":true}' };
});
afterAll(async () => {
  await gateway.stop();
  server.close();
  await doubles.stop();
});

test('OAuth goes to identity as it came, with the request id and without what the client says of itself', async () => {
  const headers = { ...FORM, 'x-request-id': 'req_chosen-by-me', 'x-forwarded-host': 'evil.example' };
  const sent = { method: 'POST', body: 'grant_type=refresh_token&a=%20b', headers };
  const { status, json, headers: answered } = await send(gateway.url, '/oauth/token?x=%2F', sent);
  expect([status, json]).toEqual([200, { ok: true }]);
  expect(answered['x-request-id']).toBe('req_chosen-by-me');
  expect(passed).toMatchObject([{ method: 'POST', url: '/oauth/token?x=%2F', body: sent.body }]);
  expect(passed[0]?.headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    'x-request-id': 'req_chosen-by-me',
  });
  expect(passed[0]?.headers).not.toHaveProperty('x-forwarded-host');
});

test('a JSON body arrives byte for byte, and a redirect and its cookies come back as they are', async () => {
  const body = '{ "redirect_uris": ["https://a.example/cb"],  "n": 1.0 }';
  answer = {
    status: 303,
    headers: { location: 'https://a.example/cb?code=1', 'set-cookie': 'a=b' },
    body: '',
  };
  const sent = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  const { status, headers } = await send(gateway.url, '/oauth/register', sent);
  expect(passed[0]?.body).toBe(body);
  expect([status, headers.location, headers['set-cookie']]).toEqual([
    303,
    'https://a.example/cb?code=1',
    ['a=b'],
  ]);
});

test('a body over 64 KiB is 413 in the words of OAuth, announced or not', async () => {
  const body = 'a'.repeat(64 * 1024 + 1);
  for (const headers of [FORM, { ...FORM, 'transfer-encoding': 'chunked' }]) {
    const { status, json } = await send(gateway.url, '/oauth/token', { method: 'POST', body, headers });
    expect([status, json.error]).toEqual([413, 'invalid_request']);
    expect(json.error_description).toContain('65536');
  }
  expect(passed).toEqual([]);
});

test.each([
  ['whose port is closed', 'http://127.0.0.1:1'],
  ['that does not speak HTTP there', `${'http://127.0.0.1:'}2`],
])('an identity %s is 503 with Retry-After, in the words of OAuth', async (_, url) => {
  doubles.httpUrl = url;
  const { status, headers, json } = await send(gateway.url, '/.well-known/openid-configuration');
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  expect(json).toMatchObject({ error: 'temporarily_unavailable', error_description: expect.any(String) });
});

test('an identity that is gone from NATS is 503 with Retry-After', async () => {
  await doubles.remove(identity.getHttpAddress);
  const { status, headers, json } = await send(gateway.url, '/oauth/authorize?client_id=x');
  await doubles.restore();
  expect([status, headers['retry-after'], json.error]).toEqual([503, '1', 'temporarily_unavailable']);
});

describe('without credentials an address has its limit', () => {
  let limited: Gateway;
  const call = (method: string, path: string) => send(limited.url, path, { method, headers: FORM, body: '' });
  beforeEach(async () => {
    limited = await startTestGateway({ unauthenticatedPerMinute: 3 + Math.floor(Math.random() * 5) });
  });
  afterEach(() => limited.stop());

  test('of what it asks for', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) statuses.push((await call('GET', '/oauth/authorize')).status);
    expect(statuses.slice(0, 2)).toEqual([200, 200]);
    expect(statuses.at(-1)).toBe(429);
  });
});
