import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { planner } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { jsonAnswer } from '@magistry/messaging';
import type { Gateway } from '../src/gateway.js';
import { send, sendRaw } from './http.fixture.js';
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
});
afterAll(() => doubles.stop());
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(async () => {
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
  await gateway.stop();
});

const propose = (url = gateway.url) =>
  send(url, '/v1/planner/propose', {
    method: 'POST',
    headers: writeHeaders(KEYS.full),
    body: JSON.stringify(PROPOSAL),
  });

test('503 with Retry-After within two seconds when the service is not there: nothing ran', async () => {
  await doubles.remove(planner.propose);
  const startedAt = Date.now();
  const refused = await propose();
  expect(Date.now() - startedAt).toBeLessThan(2_000);
  expect([refused.status, refused.json.code]).toEqual([503, 'service_unavailable']);
  expect(refused.headers['retry-after']).toBe('1');
  await doubles.restore();
});

test('504 at the deadline when the service does not answer: outcome unknown', async () => {
  doubles.onPropose = () => sleep(3_000);
  const startedAt = Date.now();
  const refused = await propose();
  expect([refused.status, refused.json.code]).toEqual([504, 'timeout']);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_990);
  expect(Date.now() - startedAt).toBeLessThan(2_500);
});

test('a refusal of the service keeps its fields, extras, headers and pace', async () => {
  doubles.onPropose = async () => {
    throw new ProblemError('idempotency_key_reused', 'Used before.', {
      errors: [{ path: 'sku', code: 'x', message: 'y' }],
      extras: { mismatch: ['body'] },
      headers: { 'Idempotent-Replayed': 'true', 'Idempotency-Original-Request-Id': 'req_first' },
      retryAfterSeconds: 9,
    });
  };
  const refused = await propose();
  expect(refused.status).toBe(422);
  expect(refused.headers).toMatchObject({ 'idempotent-replayed': 'true', 'retry-after': '9' });
  expect(refused.json).toMatchObject({
    title: 'Idempotency key reused',
    detail: 'Used before.',
    errors: [{ path: 'sku', code: 'x', message: 'y' }],
    mismatch: ['body'],
    request_id: 'req_first',
  });
  expect(refused.headers['x-request-id']).not.toBe('req_first');
});

test('a fault in the service is a bare 500', async () => {
  doubles.onPropose = async () => {
    throw new Error('SELECT secret FROM /var/lib');
  };
  const refused = await propose();
  expect([refused.status, refused.json.code]).toEqual([500, 'server_error']);
  expect(refused.text).not.toMatch(/SELECT|var|stack/);
});

test('/health needs nobody, /ready names each service and dependency that fails', async () => {
  expect((await send(gateway.url, '/health')).json).toEqual({ status: 'ok' });
  expect((await send(gateway.url, '/ready')).json).toEqual({ status: 'ready' });
  doubles.readiness['decisions'] = { postgres: 'the database does not answer' };
  const refused = await send(gateway.url, '/ready');
  expect(refused.status).toBe(503);
  expect(refused.headers['retry-after']).toBe('1');
  expect(refused.json.failures).toEqual({ 'decisions.postgres': 'the database does not answer' });
  delete doubles.readiness['decisions'];
  await doubles.remove({ ...planner.propose, name: 'planner.get-readiness' });
  expect((await send(gateway.url, '/ready')).json.failures).toEqual({ planner: 'is not reachable' });
  await doubles.restore();
});

test('stopping answers what is in flight, asks its client to leave, and takes no one new', async () => {
  const leaving = await startTestGateway();
  doubles.onPropose = async () => {
    await sleep(500);
    return jsonAnswer({ decision_id: 2 });
  };
  const inFlight = propose(leaving.url);
  await sleep(150);
  const stopped = leaving.stop();
  await sleep(100);
  await expect(send(leaving.url, '/health')).rejects.toThrow('ECONNREFUSED');
  const answered = await inFlight;
  expect([answered.status, answered.json, answered.headers.connection]).toEqual([
    200,
    { decision_id: 2 },
    'close',
  ]);
  await stopped;
});

test('for its drain delay it answers on, is not ready, and sends each client elsewhere', async () => {
  const leaving = await startTestGateway({ drainDelayMs: 400 });
  const stopped = leaving.stop();
  const ready = await send(leaving.url, '/ready');
  expect([ready.status, ready.json.failures]).toEqual([503, { gateway: 'is leaving' }]);
  const answered = await propose(leaving.url);
  expect([answered.status, answered.headers.connection]).toEqual([200, 'close']);
  await stopped;
  await expect(send(leaving.url, '/health')).rejects.toThrow('ECONNREFUSED');
});

test('an idle keep-alive connection does not hold up a stop', async () => {
  const leaving = await startTestGateway();
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) => {
    request(`${leaving.url}/health`, { agent }, (incoming) => incoming.resume().on('end', resolve)).end();
  });
  const startedAt = Date.now();
  await leaving.stop();
  expect(Date.now() - startedAt).toBeLessThan(1_000);
  agent.destroy();
});

test('a client that never ends its headers or body is hung up on', async () => {
  const started = Date.now();
  const headers = sendRaw(gateway.url, 'GET /v1/decisions HTTP/1.1\r\nHost: x\r\n');
  expect(await headers).toContain('did not arrive in time');
  expect(Date.now() - started).toBeLessThan(15_000);
});

test('unread bodies of refused requests do not break the connection', async () => {
  const refused = await send(gateway.url, '/v1/planner/propose', {
    method: 'POST',
    headers: { ...bearer('sk_live_no'), 'content-type': 'application/json' },
    body: 'x'.repeat(20_000_000),
  });
  expect(refused.status).toBe(401);
});
