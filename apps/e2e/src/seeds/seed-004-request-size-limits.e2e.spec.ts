import { once } from 'node:events';
import { connect } from 'node:net';
import { GatewayClient } from '../gateway.fixture.js';
import type { ServiceProcess } from '../service-process.fixture.js';
import { systemUnderTest, untilReady } from '../system.fixture.js';
import { gatewayWith, OFFER_RUN, SHARED_SECRET, sendBytes } from './seed-004.fixture.js';

const TEN_MIB = 10 * 1024 * 1024;
const OWN_LIMIT = 1_000;
const TOO_LARGE = '{"detail":"Request body too large"}';
const REQUEST = '{"payload":{"role":"Engineer"}}';
const WEBHOOK = '/api/v1/github/webhook';
const system = systemUnderTest();
let narrow: ServiceProcess;

beforeAll(async () => {
  await untilReady(system);
  narrow = await gatewayWith({ MAGSAG_API_MAX_REQUEST_BYTES: String(OWN_LIMIT) });
}, 60_000);
afterAll(() => narrow.kill());

const post = (url: string, path: string, body: string, headers = {}) =>
  new GatewayClient(url, SHARED_SECRET).send(path, { method: 'POST', body, headers });
/** JSON that takes so many bytes. */
const padded = (bytes: number) => REQUEST.padEnd(bytes, ' ');
/** Without Content-Length: how much it is shows on the way. */
const CHUNKED = { 'transfer-encoding': 'chunked' };

test('10 MiB are taken, and a byte more is 413 with the printed body, announced or not', async () => {
  expect((await post(system.gatewayUrl, OFFER_RUN, padded(TEN_MIB))).status).toBe(200);
  for (const headers of [{}, CHUNKED]) {
    const { status, text } = await post(system.gatewayUrl, OFFER_RUN, padded(TEN_MIB + 1), headers);
    expect([status, text]).toEqual([413, TOO_LARGE]);
  }
});

test('MAGSAG_API_MAX_REQUEST_BYTES is the limit, to the byte', async () => {
  expect((await post(narrow.url, OFFER_RUN, padded(OWN_LIMIT))).status).toBe(200);
  for (const headers of [{}, CHUNKED]) {
    const { status, text } = await post(narrow.url, OFFER_RUN, padded(OWN_LIMIT + 1), headers);
    expect([status, text]).toEqual([413, TOO_LARGE]);
  }
});

test('MAGSAG_API_MAX_REQUEST_BYTES is the limit of deliveries, too', async () => {
  const headers = { 'x-github-event': 'ping', 'x-github-delivery': 'one' };
  const signature = { 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` };
  const deliver = (bytes: number) =>
    post(narrow.url, WEBHOOK, '{}'.padEnd(bytes), { ...headers, ...signature });
  expect((await deliver(OWN_LIMIT)).status).toBe(401);
  const { status, text } = await deliver(OWN_LIMIT + 1);
  expect([status, text]).toEqual([413, TOO_LARGE]);
});

test('an announced body that is too large is refused before it is sent', async () => {
  const { hostname, port } = new URL(system.gatewayUrl);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST ${OFFER_RUN} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${SHARED_SECRET}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${TEN_MIB + 1}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  expect(String(answer)).toContain(TOO_LARGE);
});

test.each([
  ...['many', '-1', '+2', '1e2', '0x10', '1.5', '2, 3', '2 3', '', '99999999999999999999999'],
  '2\r\nContent-Length: 3',
])('a malformed Content-Length is 400: %j', async (length) => {
  const answer = await sendBytes(
    system.gatewayUrl,
    `POST ${OFFER_RUN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${SHARED_SECRET}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n{}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  const [, body = ''] = answer.split('\r\n\r\n');
  expect(JSON.parse(body)).toMatchObject({ code: 'invalid_request' });
  expect(answer).not.toContain(SHARED_SECRET);
});
