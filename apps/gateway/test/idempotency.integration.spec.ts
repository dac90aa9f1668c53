import { randomUUID } from 'node:crypto';
import type { Gateway } from '../src/gateway.js';
import { type Sent, send } from './http.fixture.js';
import { DoubledServices, KEYS, PROPOSAL, startTestGateway, writeHeaders } from './platform.fixture.js';

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

const PATH = '/v1/planner/propose';

function propose(body: string, headers: Sent['headers']) {
  return send(gateway.url, PATH, {
    method: 'POST',
    headers: { ...writeHeaders(KEYS.full), ...headers },
    body,
  });
}

test('the service receives who asks, where, until when and under which key', async () => {
  const key = randomUUID();
  await propose('{"evidence_tier":"A","action":"A"}', {
    'idempotency-key': `"${key}"`,
    'x-request-id': 'mine',
  });
  const context = doubles.proposals.at(-1)?.context;
  expect(context).toMatchObject({
    requestId: 'mine',
    apiVersion: '2026-05-01',
    principal: { id: 'key:1', actor: 'key:1', scopes: ['*'] },
    workspace: { id: 7, slug: 'linen-house', tier: 'enterprise' },
    idempotency: { key },
    traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/),
  });
  const leftMs = (context?.deadlineUnixMs ?? 0) - Date.now();
  expect(leftMs).toBeGreaterThan(1_000);
  expect(leftMs).toBeLessThanOrEqual(2_000);
});

test.each([
  ['missing', {}, 'idempotency_key_missing'],
  ['with spaces', { 'idempotency-key': 'a b' }, 'idempotency_key_invalid'],
  ['too long', { 'idempotency-key': 'x'.repeat(256) }, 'idempotency_key_invalid'],
  ['half quoted', { 'idempotency-key': '"abc' }, 'idempotency_key_invalid'],
])('400 for a required key that is %s', async (_, headers, code) => {
  const { 'idempotency-key': __, ...rest } = writeHeaders(KEYS.full);
  const refused = await send(gateway.url, PATH, {
    method: 'POST',
    headers: { ...rest, ...headers },
    body: JSON.stringify(PROPOSAL),
  });
  expect([refused.status, refused.json.code]).toEqual([400, code]);
});

test('400 for two different key lines, and no key is needed where it is not required', async () => {
  const { 'idempotency-key': _, ...rest } = writeHeaders(KEYS.full);
  const lines = Object.entries({ host: 'x', 'content-length': '2', ...rest }).flat();
  const sent = { method: 'POST', body: '{}' };
  const twice = await send(gateway.url, PATH, {
    ...sent,
    headers: [...lines, 'Idempotency-Key', 'a', 'Idempotency-Key', 'b'],
  });
  expect([twice.status, twice.json.code]).toEqual([400, 'idempotency_key_invalid']);
  const body = '{"engaged":true,"reason":"x"}';
  expect((await send(gateway.url, '/v1/killswitch', { method: 'PUT', headers: rest, body })).status).toBe(
    200,
  );
});
