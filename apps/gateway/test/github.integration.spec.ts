import { agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type CallRequest, type NatsConnection, type Served, serve } from '@magistry/messaging';
import { connectTestNats } from '@magistry/testing';
import type { Gateway } from '../src/gateway.js';
import { send } from './http.fixture.js';
import { startTestGateway } from './platform.fixture.js';

const WEBHOOK = '/api/v1/github/webhook';
const HEALTH = '/api/v1/github/health';
const GOOD = `sha256=${'a'.repeat(64)}`;
const FORGED = `sha256=${'b'.repeat(64)}`;
const STRANGERS_PER_MINUTE = 5;
const BODY_BYTES_MAX = 10 * 1024 * 1024;

type Received = CallRequest<typeof agents.receiveGithubEvent>['message'];

let gateway: Gateway;
let connection: NatsConnection;
let served: Served[];
let received: Received[] = [];
let missing: string[] = [];

beforeAll(async () => {
  connection = await connectTestNats('agents');
  const receive = async ({ message }: CallRequest<typeof agents.receiveGithubEvent>) => {
    if (message.signature === FORGED) throw new ProblemError('invalid_signature', 'It does not fit.');
    received.push(message);
    return {};
  };
  const health = async () => ({ missing });
  const target = (operation: typeof agents.receiveGithubEvent | typeof agents.getGithubHealth) => ({
    ...{ subject: operation.name, queue: 'agents', operation },
  });
  served = [
    serve(connection, target(agents.receiveGithubEvent), receive, () => undefined),
    serve(connection, target(agents.getGithubHealth), health, () => undefined),
  ];
  await connection.flush();
});
afterAll(async () => {
  await Promise.all(served.map((one) => one.drain()));
  await connection.drain();
});

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  received = [];
  missing = [];
});

const deliver = (
  body: string | Uint8Array = '{}',
  headers: Record<string, string | undefined> = {},
  url = gateway.url,
) => {
  const all = {
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': '72d3162e',
    'x-hub-signature-256': GOOD,
    ...headers,
  };
  const sent = Object.entries(all).filter(([, value]) => value !== undefined);
  return send(url, WEBHOOK, { method: 'POST', body, headers: Object.fromEntries(sent) });
};

test('a delivery is answered as seed 004 prints it, its bytes handed on as they came', async () => {
  const body = '{ "zen":  "Grüße" }\n';
  const { status, text, headers } = await deliver(body);
  expect([status, text]).toEqual([200, '{"status":"ok"}']);
  expect(headers['x-request-id']).toBeDefined();
  expect(received).toMatchObject([{ event: 'ping', deliveryId: '72d3162e', signature: GOOD }]);
  expect(Buffer.from(received[0]?.body ?? []).toString()).toBe(body);
});

test.each<[string, number, string, Record<string, string | undefined>]>([
  ['no signature', 401, 'invalid_signature', { 'x-hub-signature-256': undefined }],
  ['a signature of no form', 401, 'invalid_signature', { 'x-hub-signature-256': 'sha256=xyz' }],
  ['a signature that does not fit', 401, 'invalid_signature', { 'x-hub-signature-256': FORGED }],
  [
    'the older signature alone',
    401,
    'invalid_signature',
    { 'x-hub-signature-256': undefined, 'x-hub-signature': 'sha1=0' },
  ],
  ['a form', 415, 'unsupported_media_type', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['no event', 400, 'invalid_request', { 'x-github-event': undefined }],
  ['no delivery id', 400, 'invalid_request', { 'x-github-delivery': undefined }],
  ['a delivery id without end', 400, 'invalid_request', { 'x-github-delivery': 'x'.repeat(101) }],
])('with %s it is %i %s', async (_, status, code, headers) => {
  const refused = await deliver('{}', headers);
  expect([refused.status, refused.json]).toEqual([status, { code, message: expect.any(String) }]);
  expect(received).toEqual([]);
});

test('up to 10 MiB are taken, more is 413 as seed 004 prints it, announced or not', async () => {
  expect((await deliver(Buffer.alloc(BODY_BYTES_MAX, ' '))).status).toBe(200);
  expect(received[0]?.body.length).toBe(BODY_BYTES_MAX);
  const tooMuch = Buffer.alloc(BODY_BYTES_MAX + 1, ' ');
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const refused = await deliver(tooMuch, headers);
    expect([refused.status, refused.text]).toEqual([413, '{"detail":"Request body too large"}']);
  }
  expect(received).toHaveLength(1);
});

test('the path takes no other method', async () => {
  const refused = await send(gateway.url, WEBHOOK);
  expect([refused.status, refused.json.code, refused.headers['allow']]).toEqual([
    ...[405, 'method_not_allowed', 'OPTIONS, POST'],
  ]);
});

test('health says whether commands can be answered, and which settings are missing', async () => {
  expect((await send(gateway.url, HEALTH)).json).toEqual({ status: 'ok', configured: true, missing: [] });
  missing = ['MAGSAG_GITHUB_TOKEN'];
  const { status, json } = await send(gateway.url, HEALTH);
  expect([status, json]).toEqual([200, { status: 'ok', configured: false, missing }]);
});

test('deliveries are not held to the limit of strangers; forged ones are, and shut their address out', async () => {
  const narrow = await startTestGateway({ unauthenticatedPerMinute: STRANGERS_PER_MINUTE });
  const statuses = async (count: number, signature: string) => {
    const all: number[] = [];
    for (let sent = 0; sent < count; sent += 1)
      all.push((await deliver('{}', { 'x-hub-signature-256': signature }, narrow.url)).status);
    return all;
  };
  expect(new Set(await statuses(4 * STRANGERS_PER_MINUTE, GOOD))).toEqual(new Set([200]));
  const forged = await statuses(2 * STRANGERS_PER_MINUTE, FORGED);
  expect(forged.at(-1)).toBe(429);
  expect(forged.filter((status) => status === 401).length).toBeLessThanOrEqual(STRANGERS_PER_MINUTE);
  expect(await statuses(1, GOOD)).toEqual([429]);
  await narrow.stop();
});

test('while the service is away GitHub is told to come back', async () => {
  await served[0]?.drain();
  const { status, json, headers } = await deliver();
  expect([status, json.code, headers['retry-after']]).toEqual([503, 'service_unavailable', '1']);
});
