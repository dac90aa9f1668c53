import { randomUUID } from 'node:crypto';
import { decisions, type VersionChain, versionChain } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { jsonAnswer } from '@magistry/messaging';
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

/** Stands in for a change of `propose` that the gateway makes: `sku` was called `article` before. */
const RENAMING: VersionChain = {
  up: ({ query, body }) => {
    const { article, ...rest } = body as Record<string, unknown>;
    return { query, body: { ...rest, sku: article } };
  },
  down: (body) => {
    const { decision_id, ...rest } = body as Record<string, unknown>;
    return { ...rest, number: decision_id };
  },
  downRefusal: ({ state, ...extras }) => ({ ...extras, present: state }),
};
const chainOf: typeof versionChain = (operation, version) =>
  operation === 'planner.propose' && version === '2026-05-01' ? RENAMING : versionChain(operation, version);

const clock = { now: Date.parse('2026-11-24T00:00:00Z') };
let gateway: Gateway;
let doubles: DoubledServices;

beforeAll(async () => {
  doubles = await DoubledServices.start();
  gateway = await startTestGateway({}, undefined, { now: () => clock.now, chainOf });
});
beforeEach(() => {
  clock.now = Date.parse('2026-11-24T00:00:00Z');
});
afterAll(async () => {
  await gateway.stop();
  await doubles.stop();
});

function read(key: string, version?: string) {
  const headers = { ...bearer(key), ...(version !== undefined && { 'x-magistry-version': version }) };
  return send(gateway.url, '/v1/decisions', { headers });
}

async function propose(body: object, version: string, headers = {}) {
  const all = { ...writeHeaders(KEYS.full), 'x-magistry-version': version, ...headers };
  return send(gateway.url, '/v1/planner/propose', {
    method: 'POST',
    headers: all,
    body: JSON.stringify(body),
  });
}

test.each([
  ['a key without a pin reads the oldest version', () => KEYS.full, undefined, '2026-05-01'],
  ['a pinned key reads its own', () => KEYS.pinned, undefined, '2026-11-01'],
  ['the header goes before a pin', () => KEYS.pinned, '2026-05-01', '2026-05-01'],
  ['the header goes before no pin', () => KEYS.full, '2026-11-01', '2026-11-01'],
  ['an empty header is none', () => KEYS.pinned, '', '2026-11-01'],
])('%s', async (_, key, version, expected) => {
  const answered = await read(key(), version);
  expect(answered.status).toBe(200);
  expect(answered.headers).toMatchObject({ 'x-magistry-version': expected, vary: 'X-Magistry-Version' });
});

test('an older version says when it was deprecated, when it ends and what follows; the newest nothing', async () => {
  const older = await read(KEYS.full, '2026-05-01');
  expect(older.headers).toMatchObject({
    deprecation: `@${Date.parse('2026-11-01T00:00:00Z') / 1_000}`,
    sunset: 'Mon, 01 Nov 2027 00:00:00 GMT',
  });
  for (const relation of ['deprecation', 'sunset', 'successor-version']) {
    expect(older.headers['link']).toMatch(new RegExp(`<https://magistry.test/[^>]+>; rel="${relation}"`));
  }
  const newest = await read(KEYS.full, '2026-11-01');
  for (const name of ['deprecation', 'sunset', 'link']) expect(newest.headers).not.toHaveProperty(name);
});

test.each(['2026-07-01', '2030-01-01', '2026-05-01, 2026-11-01', 'latest', '"2026-05-01"', '2026-5-1'])(
  'the version %s is refused, naming the supported ones',
  async (version) => {
    const refused = await read(KEYS.full, version);
    expect(refused.status).toBe(400);
    expect(refused.json).toMatchObject({
      code: 'unknown_api_version',
      supported: ['2026-05-01', '2026-11-01'],
      detail: expect.stringContaining('2026-05-01 and 2026-11-01'),
    });
    expect(refused.headers['x-magistry-version']).toBe('2026-11-01');
  },
);

test('before its day a version is unknown, and its predecessor not deprecated', async () => {
  clock.now = Date.parse('2026-10-31T23:59:59Z');
  expect((await read(KEYS.full, '2026-11-01')).json).toMatchObject({ supported: ['2026-05-01'] });
  expect((await read(KEYS.full)).headers).not.toHaveProperty('deprecation');
});

test('at its sunset, and not a millisecond before, a version is 410 and keys without a pin move on', async () => {
  clock.now = Date.parse('2027-11-01T00:00:00Z') - 1;
  expect((await read(KEYS.full, '2026-05-01')).status).toBe(200);
  clock.now += 1;
  const refused = await read(KEYS.full, '2026-05-01');
  expect(refused.status).toBe(410);
  expect(refused.json).toMatchObject({
    code: 'api_version_retired',
    supported: ['2026-11-01'],
    migration: 'https://magistry.test/docs/versions',
  });
  expect((await read(KEYS.full)).headers['x-magistry-version']).toBe('2026-11-01');
});

test('refusals carry the version too, those before the service and those of it', async () => {
  const headers = { ...writeHeaders(KEYS.readOnly), 'x-magistry-version': '2026-11-01' };
  const forbidden = await send(gateway.url, '/v1/planner/propose', { method: 'POST', headers, body: '{}' });
  expect([forbidden.status, forbidden.headers['x-magistry-version']]).toEqual([403, '2026-11-01']);
  const invalid = await propose({}, '2026-05-01');
  expect(invalid.status).toBe(422);
  expect(invalid.headers).toMatchObject({
    'x-magistry-version': '2026-05-01',
    deprecation: expect.any(String),
  });
});

test('a call that the gateway changes reaches the service in the newest shape and comes back in its own', async () => {
  const { sku, ...rest } = PROPOSAL;
  doubles.onPropose = async ({ body }) => jsonAnswer({ decision_id: 7, sku: body.sku });
  const older = await propose({ ...rest, article: sku }, '2026-05-01');
  expect(older.text).toBe(`{"sku":"${sku}","number":7}`);
  expect((await propose(PROPOSAL, '2026-11-01')).text).toBe(`{"decision_id":7,"sku":"${sku}"}`);
  doubles.onPropose = async () => {
    throw new ProblemError('state_moved', 'It has moved.', { extras: { state: 'PRICE=1.00' } });
  };
  expect((await propose({ ...rest, article: sku }, '2026-05-01')).json).toMatchObject({
    code: 'state_moved',
    present: 'PRICE=1.00',
  });
  expect((await propose(PROPOSAL, '2026-11-01')).json).toMatchObject({ state: 'PRICE=1.00' });
});

test('the version is part of what a retry must repeat', async () => {
  doubles.onPropose = async () => jsonAnswer({ decision_id: 1 });
  const key = { 'idempotency-key': randomUUID() };
  expect((await propose({ ...PROPOSAL, article: 'a' }, '2026-05-01', key)).status).toBe(200);
  const other = await propose({ ...PROPOSAL, article: 'a' }, '2026-11-01', key);
  expect([other.status, other.json.code, other.json.mismatch]).toEqual([
    422,
    'idempotency_key_reused',
    ['version'],
  ]);
});

test('a route whose service renders the versions has no chain at the edge, and its bytes pass untouched', async () => {
  expect(decisions.listDecisions.versionedAt).toBe('service');
  // The double answers no decision at all: had the gateway parsed it, the change would have failed.
  expect((await read(KEYS.full, '2026-05-01')).json).toMatchObject({ workspace: 'linen-house' });
});
