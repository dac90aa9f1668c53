import { setTimeout as sleep } from 'node:timers/promises';
import { mintApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import type { Gateway } from '../src/gateway.js';
import { type Sent, send } from './http.fixture.js';
import {
  bearer,
  DoubledServices,
  KEYS,
  PROPOSAL,
  startTestGateway,
  writeHeaders,
} from './platform.fixture.js';

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

const read = (sent: Sent = {}, path = '/v1/decisions') => send(gateway.url, path, sent);

test('a key in Authorization gets in, and so does one in x-api-key', async () => {
  expect((await read({ headers: bearer(KEYS.full) })).status).toBe(200);
  expect((await read({ headers: { authorization: `bearer ${KEYS.full}` } })).status).toBe(200);
  expect((await read({ headers: { 'x-api-key': KEYS.full } })).status).toBe(200);
  expect((await read({ headers: { ...bearer(KEYS.full), 'x-api-key': KEYS.full } })).status).toBe(200);
});

const mistyped = KEYS.full.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));

test.each<[string, Sent]>([
  ['no credential', {}],
  ['an empty credential', { headers: { authorization: '' } }],
  ['a mistyped key', { headers: bearer(mistyped) }],
  ['an unknown key', { headers: bearer(mintApiKey('sk_test').credential) }],
  ['an expired key', { headers: bearer(KEYS.expired) }],
  ['a kind of credential that does not exist yet', { headers: bearer('at_abcdef') }],
  ['another scheme', { headers: { authorization: `Basic ${KEYS.full}` } }],
  ['another scheme beside a key', { headers: { authorization: 'Basic eDp5', 'x-api-key': KEYS.full } }],
  ['two different keys', { headers: { ...bearer(KEYS.full), 'x-api-key': KEYS.readOnly } }],
  [
    'two Authorization headers',
    {
      headers: ['Host', 'x', 'Authorization', `Bearer ${KEYS.full}`, 'authorization', `Bearer ${KEYS.full}`],
    },
  ],
  ['two x-api-key headers', { headers: ['Host', 'x', 'x-api-key', KEYS.full, 'x-api-key', KEYS.full] }],
])('401 with one same body for %s', async (_, sent) => {
  const refused = await read(sent);
  expect(refused.status).toBe(401);
  expect(refused.headers['www-authenticate']).toBe(
    'Bearer resource_metadata="https://magistry.test/.well-known/oauth-protected-resource"',
  );
  expect(refused.json).toEqual({
    type: 'https://magistry.test/docs/errors/unauthorized',
    title: 'Unauthorized',
    status: 401,
    detail: expect.stringContaining('Authorization: Bearer <key or token>'),
    code: 'unauthorized',
    request_id: refused.headers['x-request-id'],
    errors: [],
  });
});

test('a key in the query is never read', async () => {
  expect((await read({}, `/v1/decisions?api_key=${KEYS.full}&access_token=${KEYS.full}`)).status).toBe(401);
});

test('a malformed or mistyped key never reaches identity', async () => {
  const before = doubles.lookups.length;
  await read({ headers: bearer(mistyped) });
  await read({ headers: bearer('sk_live_short') });
  expect(doubles.lookups).toHaveLength(before);
});

test('concurrent requests with one new key ask identity once, and later ones not at all', async () => {
  const fresh = mintApiKey('sk_live').credential;
  const answers = await Promise.all(Array.from({ length: 20 }, () => read({ headers: bearer(fresh) })));
  expect(answers.every(({ status }) => status === 401)).toBe(true);
  await read({ headers: bearer(fresh) });
  expect(doubles.lookups.filter((credential) => credential === fresh)).toHaveLength(1);
});

test('a revoked key is dead within five seconds', async () => {
  const revoked = mintApiKey('sk_live').credential;
  const inner = doubles.onResolve;
  doubles.onResolve = (credential) => inner(credential === revoked ? KEYS.full : credential);
  expect((await read({ headers: bearer(revoked) })).status).toBe(200);
  doubles.onResolve = inner;
  await sleep(5_050);
  expect((await read({ headers: bearer(revoked) })).status).toBe(401);
});

test('without identity an unseen key is 503 and never 401, and a kept one goes on', async () => {
  await read({ headers: bearer(KEYS.full) });
  await doubles.remove(identity.resolveCredential);
  const refused = await read({ headers: bearer(mintApiKey('sk_live').credential) });
  expect(refused.status).toBe(503);
  expect(refused.json.code).toBe('service_unavailable');
  expect(refused.headers['retry-after']).toBe('1');
  expect((await read({ headers: bearer(KEYS.full) })).status).toBe(200);
  await doubles.restore();
});

test('an identity that hangs is 503 within two seconds', async () => {
  const inner = doubles.onResolve;
  doubles.onResolve = () => sleep(3_000);
  const startedAt = Date.now();
  const refused = await read({ headers: bearer(mintApiKey('sk_live').credential) });
  expect(refused.status).toBe(503);
  expect(Date.now() - startedAt).toBeLessThan(2_000);
  doubles.onResolve = inner;
});

test('a missing scope is 403 and names it, before the body is looked at', async () => {
  const refused = await send(gateway.url, '/v1/planner/propose', {
    method: 'POST',
    headers: { ...writeHeaders(KEYS.readOnly), 'content-type': 'text/plain' },
    body: JSON.stringify(PROPOSAL),
  });
  expect(refused.status).toBe(403);
  expect(refused.json).toMatchObject({
    code: 'access_denied',
    detail: 'Insufficient permissions. Required scope: planner:write',
  });
});
