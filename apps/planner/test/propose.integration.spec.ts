import { planner } from '@magistry/contracts';
import { LedgerDouble } from './ledger.fixture.js';
import { aContext, RunningPlanner } from './planner.fixture.js';
import { bodyOf, seedBody } from './proposal.fixture.js';

const WORKSPACE = 41;
let running: RunningPlanner;
let ledger: LedgerDouble;

beforeEach(async () => {
  running = await RunningPlanner.start();
  ledger = new LedgerDouble(running.gateway, WORKSPACE);
  await running.gateway.flush();
});
afterEach(async () => {
  await ledger.stop();
  await running.stop();
});

const propose = (body: unknown = seedBody) => running.propose(body, aContext(WORKSPACE));

test('the facts of seed 001 reach the writer and its bytes are the answer', async () => {
  ledger.head = { policyVersion: 7, policyJson: JSON.stringify({ velocity_per_minute: 6_000 }) };
  const answer = await propose();
  expect(answer.status).toBe(200);
  expect(Buffer.from(answer.body).toString()).toBe('{"status":"APPLIED"}');
  expect(answer.headers).toEqual({});
  expect(ledger.commands).toHaveLength(1);
  expect(ledger.commands[0]).toMatchObject({
    case: 'propose',
    value: {
      action: 'PRICE_CHANGE',
      subject: 'linen-blazer-stone-m',
      storeId: '',
      evidenceTier: 'A',
      evidence: ['rsx://signals/2026-05-25/44912'],
      dryRun: false,
      policyVersion: 7,
      gates: [
        { gate: 'tier_A', passed: true },
        { gate: 'trademark', passed: true },
      ],
      judgement: { verdict: 'PASS', scoreBasisPoints: 8_800 },
      effect: { facet: 'PRICE', change: { case: 'deltaMinor', value: -600 }, initialState: '' },
      budgetDraw: { budget: 'prices', amountMinor: 600, limitMinorPerDay: 500_000 },
      velocityPerMinute: 6_000,
      parametersJson: '{"delta_eur":-6}',
      reversal: '',
      escalations: [],
      reversible: true,
    },
  });
});

test('the deadline goes on unchanged', async () => {
  const context = aContext(WORKSPACE);
  await running.propose(seedBody, context);
  expect(ledger.deadlines).toEqual([context.deadlineUnixMs]);
});

test('a replay is marked with the first request id', async () => {
  ledger.answers = [{ body: Buffer.from('{}'), replayed: true, originalRequestId: 'req_1' }];
  expect((await propose()).headers).toEqual({
    'Idempotent-Replayed': 'true',
    'Idempotency-Original-Request-Id': 'req_1',
  });
});

test('the head and the history are read once for many proposals', async () => {
  await Promise.all(Array.from({ length: 20 }, () => propose()));
  await propose();
  expect(ledger.headReads).toBe(1);
  expect(ledger.historyReads).toEqual(['partner:research-tool']);
});

test('a new day reads the history anew', async () => {
  await propose();
  running.now += 24 * 60 * 60 * 1_000;
  await propose();
  expect(ledger.historyReads).toHaveLength(2);
});

test('a policy that moved is read anew and judged once more', async () => {
  await propose();
  ledger.head = { policyVersion: 1, policyJson: '{"price_step_eur":5}' };
  ledger.answers = [{ policyMoved: true }, { body: Buffer.from('{"status":"ESCALATED"}') }];
  expect(Buffer.from((await propose()).body).toString()).toBe('{"status":"ESCALATED"}');
  expect(ledger.headReads).toBe(2);
  expect(ledger.commands.map(({ value }) => value)).toMatchObject([
    { policyVersion: 0, escalations: [] },
    { policyVersion: 0, escalations: [] },
    { policyVersion: 1, escalations: [{ gate: 'policy', code: 'price_step_exceeded' }] },
  ]);
});

test('a policy that never stands still is service_unavailable and nothing was written', async () => {
  ledger.answers = [{ policyMoved: true }];
  await expect(propose()).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
  expect(ledger.commands).toHaveLength(4);
});

test('without a ledger a proposal is service_unavailable, and the next one asks again', async () => {
  await ledger.stop();
  await expect(propose()).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
  ledger = new LedgerDouble(running.gateway, WORKSPACE);
  await running.gateway.flush();
  expect((await propose()).status).toBe(200);
});

test.each([
  ['a wrong type', { ...seedBody, evidence_tier: 1 }, ['evidence_tier']],
  ['an unknown action', bodyOf('PRICE_DOUBLE', { sku: 's' }), ['action']],
  ['no subject and a wrong parameter', bodyOf('PRICE_CHANGE', { delta_eur: 'x' }), ['sku', 'delta_eur']],
  ['an unknown field', { ...seedBody, colour: 'stone' }, ['colour']],
  ['more than two decimals', { ...seedBody, delta_eur: 0.001 }, ['delta_eur']],
  ['a list', [], ['']],
  ['__proto__', '{"action":"PRICE_CHANGE","evidence_tier":"A","__proto__":{"sku":"s"}}', ['__proto__']],
])('%s is validation_failed with its path', async (_, body, paths) => {
  const error = await propose(body).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'validation_failed' });
  expect((error as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual(paths);
  expect(ledger.commands).toEqual([]);
});

test('a body that names another actor or tenant is refused', async () => {
  await expect(propose({ ...seedBody, actor: 'partner:other' })).rejects.toMatchObject({
    code: 'access_denied',
  });
  await expect(propose({ ...seedBody, tenant: 'other-house' })).rejects.toMatchObject({ code: 'not_found' });
  expect((await propose({ ...seedBody, tenant: String(WORKSPACE) })).status).toBe(200);
});

test('the catalogue is told with schemas, gates and ways back', async () => {
  const answer = await running.send(planner.listActions, {}, aContext(WORKSPACE));
  const told = JSON.parse(Buffer.from(answer.body).toString());
  expect(planner.listActions.responses[200]?.safeParse(told).error).toBeUndefined();
  expect(told.data).toHaveLength(10);
  expect(told.data[0]).toMatchObject({
    action: 'PRICE_CHANGE',
    subject_fields: ['sku', 'variant_id', 'subject'],
    parameters: { type: 'object', required: ['delta_eur'], additionalProperties: false },
    gates: ['kill_switch', 'rate_limit', 'tier_<A|B|C>', 'trademark', 'uniqueness', 'budget'],
    minimum_tier: 'B',
    reverse_action: 'PRICE_CHANGE',
    budget: 'prices',
  });
});
