import { jsonAnswer } from '@magistry/messaging';
import type { Gateway } from '../src/gateway.js';
import { type Answered, type Sent, send, sendRaw } from './http.fixture.js';
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
const LIMIT_BYTES = 256 * 1024;

function propose(body: string | Uint8Array, headers: Sent['headers'] = {}): Promise<Answered> {
  return send(gateway.url, PATH, {
    method: 'POST',
    headers: { ...writeHeaders(KEYS.full), ...headers },
    body,
  });
}

const nested = (depth: number) => `{"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

test.each<[string, string | Uint8Array, RegExp]>([
  ['no JSON', '{"action":', /JSON/],
  ['two documents', '{}{}', /JSON/],
  ['a trailing comma', '{"action":"X",}', /JSON/],
  ['NaN', '{"delta_eur":NaN}', /JSON/],
  ['a name twice', '{"action":"A","action":"B"}', /"action" stands twice/],
  ['a name twice in two spellings', '{"action":"A","\\u0061ction":"B"}', /"action" stands twice/],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}', /"__proto__" stands twice/],
  ['33 levels', nested(33), /deeper than 32/],
  ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), /deeper than 32/],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
  ['UTF-16', Buffer.from('{"action":"A"}', 'utf16le'), /JSON/],
  ['a lone surrogate', '{"action":"\\ud800"}', /surrogate/],
  ['a number beyond doubles', '{"delta_eur":1e999}', /Infinity/],
])('400 invalid_json for %s, saying what is wrong', async (_, body, detail) => {
  const refused = await propose(body);
  expect(refused.status).toBe(400);
  expect(refused.json).toMatchObject({ code: 'invalid_json', detail: expect.stringMatching(detail) });
});

test.each<[string, string]>([
  ['a list', '[]'],
  ['null', 'null'],
  ['text', '"x"'],
  ['wrong types', '{"action":7,"evidence_tier":[]}'],
  ['a NUL in a text', '{"action":"a\\u0000","evidence_tier":"A"}'],
  ['huge numbers', `{"action":${'9'.repeat(400).slice(0, 300)},"evidence_tier":"A"}`],
  ['32 levels', nested(32)],
  ['__proto__', '{"__proto__":{"scopes":["*"]},"constructor":1,"action":"A","evidence_tier":"A"}'],
  ['no body', ''],
])('what is JSON but fits no contract is the service to refuse: %s', async (_, body) => {
  const refused = await propose(body);
  expect(refused.status).toBe(422);
  expect(refused.json).toMatchObject({ code: 'validation_failed' });
});

test.each([
  ['no Content-Type', { 'content-type': '' }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['text', { 'content-type': 'text/plain' }],
  ['a type that only begins so', { 'content-type': 'application/jsonx' }],
  ['another charset', { 'content-type': 'application/json; charset=latin1' }],
  ['a malformed type', { 'content-type': 'json;;' }],
  ['a packed body', { 'content-encoding': 'gzip' }],
])('415 for %s', async (_, headers) => {
  const refused = await propose(JSON.stringify(PROPOSAL), headers);
  expect(refused.status).toBe(415);
  expect(refused.json.code).toBe('unsupported_media_type');
});

test.each(['application/json;charset=UTF-8', 'Application/JSON ; charset="utf-8"', 'application/json; v=1'])(
  'takes %s',
  async (type) => {
    expect((await propose(JSON.stringify(PROPOSAL), { 'content-type': type })).status).toBe(200);
  },
);

const oversize = JSON.stringify({ ...PROPOSAL, note: 'x'.repeat(LIMIT_BYTES) });

test('413 for a body over its operation limit, announced or in chunks', async () => {
  const announced = await propose(oversize);
  expect(announced.status).toBe(413);
  expect(announced.json).toMatchObject({
    code: 'payload_too_large',
    detail: expect.stringContaining(String(LIMIT_BYTES)),
  });
  expect((await propose(oversize, { 'transfer-encoding': 'chunked' })).status).toBe(413);
  expect((await propose('x'.repeat(12_000_000))).status).toBe(413);
});

test('a body of exactly the limit goes through', async () => {
  const frame = JSON.stringify({ ...PROPOSAL, note: '' }).length;
  const body = JSON.stringify({ ...PROPOSAL, note: 'x'.repeat(LIMIT_BYTES - frame) });
  expect(body).toHaveLength(LIMIT_BYTES);
  expect((await propose(body)).status).toBe(200);
});

test('the platform limit stands above every operation limit', async () => {
  const small = await startTestGateway({ requestBytesMax: 50 });
  const sent = { method: 'POST', headers: writeHeaders(KEYS.full), body: JSON.stringify(PROPOSAL) };
  expect((await send(small.url, PATH, sent)).status).toBe(413);
  await small.stop();
});

test('a body shorter than announced is refused once the client hangs up, without a word in the service', async () => {
  const before = doubles.proposals.length;
  const head = Object.entries({ ...writeHeaders(KEYS.full), host: 'x', 'content-length': 10 })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const cut = sendRaw(gateway.url, `POST ${PATH} HTTP/1.1\r\n${head}connection: close\r\n\r\n{}`, 50);
  expect(await cut).toMatch(/^$|"invalid_request"/);
  expect(doubles.proposals).toHaveLength(before);
});

test('the answer of the service comes out untouched: status, bytes, headers', async () => {
  const body = Buffer.from('{"a" :  1.0,\n"ü":"\\u00fc"}');
  doubles.onPropose = async () => ({
    status: 202,
    body,
    headers: { 'X-Magistry-Cycle': 'cyc_4', Location: '/v1/x' },
  });
  const answered = await propose(JSON.stringify(PROPOSAL));
  expect(answered.status).toBe(202);
  expect(answered.text).toBe(body.toString());
  expect(answered.headers).toMatchObject({ 'x-magistry-cycle': 'cyc_4', location: '/v1/x' });
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
});

test('an answer without a body stays without', async () => {
  doubles.onPropose = async () => ({ status: 204, body: new Uint8Array() });
  const answered = await propose(JSON.stringify(PROPOSAL));
  expect([answered.status, answered.text, answered.headers['content-type']]).toEqual([204, '', undefined]);
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
});
