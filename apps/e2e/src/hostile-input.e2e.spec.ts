import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';
import type { ErrorCode } from '@magistry/errors';
import type { GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { Workspaces } from './workspaces.fixture.js';

let workspaces: Workspaces;
let client: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
  ({ client } = await workspaces.createOpen());
});
afterAll(async () => {
  const rows = await readLedger(client);
  await workspaces.close();
  // The policy, the switch and the one proposal that could not be reversed twice.
  expect(rows.map(({ action }) => action)).toEqual([
    'POLICY_CHANGE',
    'KILL_SWITCH_RELEASE',
    'PRICE_CHANGE',
    'PRICE_CHANGE',
  ]);
});

const STEP = aSmallStep('hostile');
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a proposal that does not fit is 422 validation_failed, naming the field', () => {
  test.each<[string, unknown, string]>([
    ['a number as text', { ...STEP, delta_eur: '-6.00' }, 'delta_eur'],
    ['a text as number', { ...STEP, sku: 7 }, 'sku'],
    ['a list for a text', { ...STEP, action: ['PRICE_CHANGE'] }, 'action'],
    ['an object for a tier', { ...STEP, evidence_tier: {} }, 'evidence_tier'],
    ['null for a text', { ...STEP, evidence_ref: null }, 'evidence_ref'],
    ['a text for a flag', { ...STEP, dry_run: 'false' }, 'dry_run'],
    ['an unknown action', { ...STEP, action: 'DROP_TABLE' }, 'action'],
    ['the name of an inherited member as action', { ...STEP, action: 'constructor' }, 'action'],
    ['an unknown field', { ...STEP, discount: 5 }, 'discount'],
    ['an unknown tier', { ...STEP, evidence_tier: 'D' }, 'evidence_tier'],
    ['no change at all', { ...STEP, delta_eur: 0 }, 'delta_eur'],
    ['a tenth of a cent', { ...STEP, delta_eur: -0.001 }, 'delta_eur'],
    ['an absurd amount', { ...STEP, delta_eur: 1e308 }, 'delta_eur'],
    ['a huge id', { ...STEP, sku: 'x'.repeat(10_000) }, 'sku'],
    ['an empty id', { ...STEP, sku: '' }, 'sku'],
    ['two subjects', { ...STEP, variant_id: '7' }, 'variant_id'],
    ['too much evidence', { ...STEP, evidence: Array(21).fill('perf#1') }, 'evidence'],
    ['a NUL', JSON.stringify({ ...STEP, sku: 'a\u0000b' }), 'sku'],
    ['another control character', { ...STEP, evidence_ref: 'rsx://\u001b[2J' }, 'evidence_ref'],
    ['__proto__', '{"__proto__":{"scopes":["*"]},"action":"PRICE_CHANGE","evidence_tier":"A"}', '__proto__'],
    ['a list', [], ''],
    ['null', 'null', ''],
    ['nothing', '', 'action'],
  ])('%s', async (_, body, path) => {
    const refused = await client.propose(body);
    expectProblem(refused, 'validation_failed');
    expect(refused.json.errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});

describe('a body that cannot be read', () => {
  test.each<[string, string | Uint8Array, ErrorCode]>([
    ['no JSON', '{"action":', 'invalid_json'],
    ['two documents', '{}{}', 'invalid_json'],
    ['a name twice', '{"dry_run":true,"dry_run":false}', 'invalid_json'],
    ['a name twice, once escaped', '{"action":"A","\\u0061ction":"B"}', 'invalid_json'],
    ['a lone surrogate', JSON.stringify({ ...STEP, sku: '\ud800' }), 'invalid_json'],
    ['a number beyond doubles', '{"delta_eur":-1e999}', 'invalid_json'],
    ['deep nesting', nested(10_000), 'invalid_json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_json'],
    ['more than 256 KiB', JSON.stringify({ ...STEP, note: 'x'.repeat(256 * 1024) }), 'payload_too_large'],
    ['12 MB', 'x'.repeat(12_000_000), 'payload_too_large'],
  ])('%s', async (_, body, code) => {
    expectProblem(await client.propose(body), code);
  });
});

describe('a header that cannot be taken', () => {
  test.each<[string, OutgoingHttpHeaders, ErrorCode]>([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported_media_type'],
    ['a malformed type', { 'content-type': 'json;;' }, 'unsupported_media_type'],
    ['a packed body', { 'content-encoding': 'gzip' }, 'unsupported_media_type'],
    ['a key of 256 characters', { 'idempotency-key': 'k'.repeat(256) }, 'idempotency_key_invalid'],
    ['a key with a space', { 'idempotency-key': 'two words' }, 'idempotency_key_invalid'],
    ['an empty key', { 'idempotency-key': '' }, 'idempotency_key_invalid'],
    ['headers of 20 KiB', { 'x-filler': 'x'.repeat(20 * 1024) }, 'invalid_request'],
  ])('%s', async (_, headers, code) => {
    expectProblem(await client.propose(STEP, headers), code);
  });
});

test('a proposal in the name of another actor is 403, for another tenant 404', async () => {
  expectProblem(await client.propose({ ...STEP, actor: 'partner:research-tool' }), 'access_denied');
  expectProblem(await client.propose({ ...STEP, tenant: 'linen-house' }), 'not_found');
});

describe('a query that does not fit is 422 validation_failed, naming the parameter', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=many', 'limit'],
    ['limit=', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['page=2', 'page'],
    ['__proto__=1', '__proto__'],
    ['cursor=cur_nonsense', 'cursor'],
    [`cursor=${'A'.repeat(600)}`, 'cursor'],
    ['since=yesterday', 'since'],
    ['since=2026-02-30T00:00:00Z', 'since'],
    ['until=0', 'until'],
    ['order=sideways', 'order'],
    ['tier=D', 'tier'],
    ['status=DONE', 'status'],
    ['subject=%00', 'subject'],
    [`subject=${'x'.repeat(2_000)}`, 'subject'],
  ])('%s', async (query, parameter) => {
    const refused = await client.get(`/v1/decisions?${query}`);
    expectProblem(refused, 'validation_failed');
    expect(refused.json.errors.map((error: { path: string }) => error.path)).toContain(parameter);
  });
});

describe('a path that leads nowhere', () => {
  test.each<[string, ErrorCode]>([
    ['/v1/decisions/999999999', 'not_found'],
    ['/v1/decisions/9007199254740993', 'not_found'],
    ['/v1/decisions/-1', 'not_found'],
    ['/v1/decisions/__proto__', 'not_found'],
    ['/v1/decisions/dec_00000000000000000000000000', 'not_found'],
    ["/v1/decisions/1'%20OR%20'1'='1", 'not_found'],
    [`/v1/decisions/${'9'.repeat(300)}`, 'validation_failed'],
    ['/v1/decisions/%00', 'validation_failed'],
    ['/v1/decisions/%ff', 'invalid_request'],
    ['/v1/decisions/', 'not_found'],
    ['/v1/decisions/../killswitch', 'not_found'],
    ['/v1/nothing', 'not_found'],
    ['/V1/DECISIONS', 'not_found'],
    [`/v1/decisions/${'x'.repeat(20 * 1024)}`, 'invalid_request'],
  ])('%.60s', async (path, code) => {
    expectProblem(await client.get(path), code);
  });
});

test.each([
  ['DELETE', '/v1/planner/propose', 'POST'],
  ['GET', '/v1/planner/propose', 'POST'],
  ['POST', '/v1/decisions', 'GET'],
  ['PATCH', '/v1/killswitch', 'PUT'],
])('%s %s is 405 with Allow', async (method, path, allowed) => {
  const refused = await client.write(method, path, {});
  expectProblem(refused, 'method_not_allowed');
  expect(refused.headers.allow).toContain(allowed);
});

describe('a control that does not fit is 422 and changes nothing', () => {
  test.each<[string, unknown]>([
    ['/v1/killswitch', { engaged: 'yes', reason: 'x' }],
    ['/v1/killswitch', { engaged: true }],
    ['/v1/killswitch', { engaged: true, reason: '' }],
    ['/v1/killswitch', { engaged: true, reason: 'x'.repeat(501) }],
    ['/v1/planner/policy', { velocity_per_minute: -1 }],
    ['/v1/planner/policy', { judge_pass_from: 0.4, judge_escalate_from: 0.5 }],
    ['/v1/planner/policy', { protected_marks: ['—'] }],
    ['/v1/planner/policy', { unlimited: true }],
  ])('PUT %s %j', async (path, body) => {
    expectProblem(await client.write('PUT', path, body), 'validation_failed');
  });
});

test('a reversal that cannot be is refused: of nothing, without a reason, of a rejected decision', async () => {
  expectProblem(await client.reverse(999_999), 'not_found');
  expectProblem(await client.write('POST', '/v1/decisions/1/reverse', {}), 'validation_failed');
  await client.propose(STEP);
  const { json: rejected } = await client.propose(STEP, { 'idempotency-key': randomUUID() });
  expect(rejected.status).toBe('REJECTED');
  expectProblem(await client.reverse(rejected.decision_id), 'not_reversible');
});
