import type { Gateway } from '../src/gateway.js';
import { send, sendRaw } from './http.fixture.js';
import { bearer, DoubledServices, KEYS, startTestGateway } from './platform.fixture.js';

let gateway: Gateway;
let doubles: DoubledServices;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

test.each([
  '/',
  '//',
  '/v1',
  '/v2/decisions',
  '/v1/decisions/',
  '/v1//decisions',
  '/V1/decisions',
  '/v1/decisions/dec_1/',
  '/v1/decisions/dec_1/unknown',
  '/v1/decisions/..%2fkillswitch/x',
  '/__proto__',
  '*',
])('404 for %s', async (path) => {
  const refused = await send(gateway.url, path, { headers: bearer(KEYS.full) });
  expect(refused.status).toBe(404);
  expect(refused.json).toMatchObject({ code: 'not_found', request_id: refused.headers['x-request-id'] });
});

test.each(['/api/v1', '/api/v1/nothing', '/api/v1/workspaces/7/nothing?x=1', '/api/v1/%zz'])(
  'what is refused at %s is in the envelope of its surface',
  async (path) => {
    const refused = await send(gateway.url, path, { headers: bearer(KEYS.full) });
    expect(refused.headers['content-type']).toBe('application/json; charset=utf-8');
    const code = path.includes('%zz') ? 'invalid_request' : 'not_found';
    expect(refused.json).toEqual({ error: code, message: expect.any(String) });
    expect(refused.headers['x-request-id']).toMatch(/^req_/);
  },
);

test.each([
  ['POST', '/v1/decisions', 'GET, HEAD, OPTIONS'],
  ['DELETE', '/v1/decisions/dec_1?x=1', 'GET, HEAD, OPTIONS'],
  ['GET', '/v1/decisions/dec_1/reverse', 'OPTIONS, POST'],
  ['HEAD', '/v1/planner/propose', 'OPTIONS, POST'],
  ['PATCH', '/v1/killswitch', 'GET, HEAD, OPTIONS, PUT'],
  ['PROPFIND', '/v1/killswitch', 'GET, HEAD, OPTIONS, PUT'],
  ['TRACE', '/v1/killswitch', 'GET, HEAD, OPTIONS, PUT'],
  ['POST', '/health', 'GET, HEAD, OPTIONS'],
])('405 for %s %s, naming what is allowed', async (method, path, allow) => {
  const refused = await send(gateway.url, path, { method });
  expect(refused.status).toBe(405);
  expect(refused.headers.allow).toBe(allow);
  if (method !== 'HEAD') expect(refused.json).toMatchObject({ code: 'method_not_allowed' });
});

test('OPTIONS names the methods of a path, HEAD answers as GET without its body', async () => {
  const options = await send(gateway.url, '/v1/killswitch', { method: 'OPTIONS' });
  expect([options.status, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS, PUT']);
  const head = await send(gateway.url, '/v1/decisions', { method: 'HEAD', headers: bearer(KEYS.full) });
  expect([head.status, head.text]).toEqual([200, '']);
  expect((await send(gateway.url, '/v1/decisions', { method: 'HEAD' })).status).toBe(401);
});

test.each(['/v1/decisions/%zz', '/v1/decisions/%', '/v1/decisions/%ff%fe', '/%E0%A4%A'])(
  '400 for the malformed URL %s',
  async (path) => {
    const refused = await send(gateway.url, path, { headers: bearer(KEYS.full) });
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({
      code: 'invalid_request',
      request_id: refused.headers['x-request-id'],
    });
  },
);

test.each(['%00', '%01x', 'x'.repeat(65), 'x'.repeat(5_000), '%F0%9F%92%A9'.repeat(70)])(
  'an absurd id reaches the service, which refuses it: %#',
  async (id) => {
    const refused = await send(gateway.url, `/v1/decisions/${id}`, { headers: bearer(KEYS.full) });
    expect(refused.status).toBe(422);
    expect(refused.json).toMatchObject({ code: 'validation_failed', errors: [{ path: 'decision' }] });
  },
);

test('path parameters are decoded and the query goes on as it came', async () => {
  const found = await send(gateway.url, '/v1/decisions/dec_%31?', { headers: bearer(KEYS.full) });
  expect(found.json).toEqual({ decision: 'dec_1' });
  const listed = await send(gateway.url, '/v1/decisions?agent=a%20b+c&limit=2', {
    headers: bearer(KEYS.full),
  });
  expect(listed.json.query).toMatchObject({ agent: 'a b c', limit: 2 });
  const unknown = await send(gateway.url, '/v1/decisions?__proto__=1&limit=1&limit=2', {
    headers: bearer(KEYS.full),
  });
  expect(unknown.status).toBe(422);
});

test('a sane X-Request-ID is kept on every kind of answer, any other replaced', async () => {
  for (const path of ['/v1/decisions', '/nothing', '/health', '/v1/decisions/%zz']) {
    const kept = await send(gateway.url, path, {
      headers: { ...bearer(KEYS.full), 'x-request-id': 'job-7.a:1' },
    });
    expect(kept.headers['x-request-id']).toBe('job-7.a:1');
    for (const id of ['', 'two words', 'x'.repeat(129), '<script>']) {
      const replaced = await send(gateway.url, path, { headers: { 'x-request-id': id } });
      expect(replaced.headers['x-request-id']).toMatch(/^req_[0-9A-Z]{26}$/);
    }
  }
});

test('an answer names the version it was made for', async () => {
  const answered = await send(gateway.url, '/v1/decisions', { headers: bearer(KEYS.full) });
  expect(answered.headers['x-magistry-version']).toBe('2026-05-01');
  expect(answered.headers['content-type']).toBe('application/json; charset=utf-8');
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a header without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`],
  ['a NUL in the URL', 'GET /v1/\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
  ['a negative length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  [
    'length and chunks',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a broken chunk', 'POST /v1/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
])('the bare socket answers %s in the same envelope and hangs up', async (_, bytes) => {
  const text = await sendRaw(gateway.url, bytes);
  expect(text).toMatch(/^HTTP\/1.1 (400|404) /);
  expect(text).toContain('application/problem+json');
  expect(text).toMatch(/"code":"(invalid_request|not_found)"/);
});
