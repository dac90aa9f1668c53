import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonAnswer } from '@magistry/messaging';
import { createLogger, startTelemetry, type Telemetry, telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
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
let telemetry: Telemetry;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  const settings = z.object(telemetryVariables).parse({});
  telemetry = await startTelemetry('gateway', settings, createLogger('gateway', 'silent'));
  gateway = await startTestGateway();
});
afterAll(async () => {
  await gateway.stop();
  await telemetry.stop();
  await doubles.stop();
});

/** A sample's value by its name and labels as they are written; 0 when there is none. */
async function sample(name: string): Promise<number> {
  const text = await (await fetch(`${telemetry.url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}

const LIST = 'operation="decisions.list-decisions",route="GET /v1/decisions"';
const PROPOSE = 'operation="planner.propose",route="POST /v1/planner/propose"';

test('requests are counted by operation, route, status and outcome', async () => {
  const url = gateway.url;
  await send(url, '/v1/decisions', { headers: bearer(KEYS.full) });
  await send(url, '/v1/decisions?limit=5', { method: 'HEAD', headers: bearer(KEYS.full) });
  await send(url, '/v1/decisions');
  await send(url, '/v1/nowhere');
  await send(url, '/v1/decisions/%zz');
  expect(await sample(`magistry_gateway_requests_total{${LIST},status="2xx",outcome="ok"`)).toBe(2);
  expect(await sample(`magistry_gateway_requests_total{${LIST},status="4xx",outcome="unauthorized"`)).toBe(1);
  const none = 'magistry_gateway_requests_total{operation="none",route="none",status="4xx",outcome=';
  expect(await sample(`${none}"not_found"`)).toBe(1);
  expect(await sample(`${none}"invalid_request"`)).toBe(1);
  expect(await sample(`magistry_gateway_request_duration_seconds_count{service="gateway",${LIST}`)).toBe(3);
});

test('requests of /v1 are counted by the dated version that they speak, by header and by pin', async () => {
  const of = (version: string) =>
    sample(
      'magistry_gateway_version_requests_total{' +
        `operation="decisions.list-decisions",api_version="${version}"`,
    );
  const before = [await of('2026-05-01'), await of('2026-11-01')];
  const read = (key: string, headers = {}) =>
    send(gateway.url, '/v1/decisions', { headers: { ...bearer(key), ...headers } });
  await read(KEYS.full);
  await read(KEYS.pinned);
  await read(KEYS.full, { 'x-magistry-version': '2026-11-01' });
  await read(KEYS.full, { 'x-magistry-version': '2020-01-01' });
  expect([await of('2026-05-01'), await of('2026-11-01')]).toEqual([
    (before[0] ?? 0) + 1,
    (before[1] ?? 0) + 2,
  ]);
});

test('a client that leaves before its answer is counted as aborted, and is in flight no more', async () => {
  let arrived: () => void = () => undefined;
  const atService = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  doubles.onPropose = async () => {
    arrived();
    await sleep(300);
    return jsonAnswer({ decision_id: 1 });
  };
  const body = JSON.stringify(PROPOSAL);
  const headers = { ...writeHeaders(KEYS.full), host: 'x', 'content-length': String(body.length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.write(`POST /v1/planner/propose HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  await atService;
  expect(await sample('magistry_gateway_requests_in_flight')).toBe(1);
  socket.destroy();
  await sleep(500);
  const aborted = `magistry_gateway_requests_total{${PROPOSE},status="none",outcome="aborted"`;
  expect(await sample(aborted)).toBe(1);
  expect(await sample('magistry_gateway_requests_in_flight')).toBe(0);
});

test('no workspace, key, id or query is ever a label', async () => {
  const url = gateway.url;
  await send(url, '/v1/decisions/secret-id?q=secret-query', { headers: bearer(KEYS.full) });
  await send(url, '/secret-path', { method: 'DELETE' });
  const text = await (await fetch(`${telemetry.url}/metrics`)).text();
  expect(text).toContain('route="GET /v1/decisions/:decision"');
  expect(text).not.toMatch(/secret|linen-house|key:1|sk_live/);
});

test('the public port has no metrics', async () => {
  expect((await send(gateway.url, '/metrics')).status).toBe(404);
});
