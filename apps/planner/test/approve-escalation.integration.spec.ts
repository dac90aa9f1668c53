import { escalations } from '@magistry/contracts';
import { canonicalJson } from '../src/domain/digest.js';
import { type Escalated, LedgerDouble } from './ledger.fixture.js';
import { aContext, RunningPlanner } from './planner.fixture.js';

const WORKSPACE = 43;
const leaf = Buffer.alloc(32, 7);
const aPriceStep: Escalated = {
  leaf,
  action: 'PRICE_CHANGE',
  subject: 'linen-blazer-stone-m',
  storeId: '',
  evidenceTier: 'A',
  evidence: ['rsx://signals/2026-05-25/44912', 'perf#9123'],
  parametersJson: canonicalJson({ delta_eur: -60.5 }),
};

let running: RunningPlanner;
let ledger: LedgerDouble;

beforeEach(async () => {
  running = await RunningPlanner.start();
  ledger = new LedgerDouble(running.gateway, WORKSPACE);
  ledger.escalated = aPriceStep;
  ledger.answers = [{ body: Buffer.from('{"status":"approved"}') }];
  await running.gateway.flush();
});
afterEach(async () => {
  await ledger.stop();
  await running.stop();
});

const approve = (body: unknown = { reason: 'the season ends' }) =>
  running.send(escalations.approveEscalation, body, aContext(WORKSPACE), { escalation: 'esc_1' });

test("the row's leaf, its gates and its draw reach the writer, and no judgement", async () => {
  ledger.head = { policyVersion: 7, policyJson: JSON.stringify({ price_budget_eur_per_day: 100 }) };
  expect(Buffer.from((await approve()).body).toString()).toBe('{"status":"approved"}');
  expect(ledger.commands).toHaveLength(1);
  expect(ledger.commands[0]).toMatchObject({
    case: 'approveEscalation',
    value: {
      escalation: 'esc_1',
      reason: 'the season ends',
      leaf: new Uint8Array(leaf),
      policyVersion: 7,
      gates: [
        { gate: 'tier_A', passed: true },
        { gate: 'trademark', passed: true },
      ],
      effect: { facet: 'PRICE', change: { case: 'deltaMinor', value: -6_050 } },
      budgetDraw: { budget: 'prices', amountMinor: 6_050, limitMinorPerDay: 10_000 },
    },
  });
  expect(ledger.historyReads).toEqual([]);
});

test('a policy that moved is read anew, and the gates with it', async () => {
  await approve();
  ledger.head = { policyVersion: 1, policyJson: '{"protected_marks":["Linen Blazer"]}' };
  ledger.answers = [{ policyMoved: true }, { body: Buffer.from('{"status":"rejected"}') }];
  expect(Buffer.from((await approve()).body).toString()).toBe('{"status":"rejected"}');
  expect(ledger.commands.map(({ value }) => value)).toMatchObject([
    { policyVersion: 0, gates: [{ passed: true }, { passed: true }] },
    { policyVersion: 0, gates: [{ passed: true }, { passed: true }] },
    { policyVersion: 1, gates: [{ passed: true }, { gate: 'trademark', code: 'trademark_protected' }] },
  ]);
});

test('a policy that never stands still is service_unavailable', async () => {
  ledger.answers = [{ policyMoved: true }];
  await expect(approve()).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 });
  expect(ledger.commands).toHaveLength(4);
});

test('an action that the catalogue has given up is a conflict, and nothing is sent', async () => {
  for (const change of [{ action: 'PRICE_HALVE' }, { parametersJson: '{"delta_percent":5}' }]) {
    ledger.escalated = { ...aPriceStep, ...change };
    await expect(approve()).rejects.toMatchObject({ code: 'conflict' });
  }
  expect(ledger.commands).toEqual([]);
});

test('what is not there is not found', async () => {
  ledger.escalated = null;
  await expect(approve()).rejects.toMatchObject({ code: 'not_found' });
});

test.each([
  ['no reason', {}, 'reason'],
  ['an empty reason', { reason: '' }, 'reason'],
  ['an unknown field', { reason: 'x', force: true }, 'force'],
])('%s is validation_failed with its path', async (_, body, path) => {
  await expect(approve(body)).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path }] });
  expect(ledger.commands).toEqual([]);
});

test('a replay is marked with the first request id', async () => {
  ledger.answers = [{ body: Buffer.from('{}'), replayed: true, originalRequestId: 'req_1' }];
  expect((await approve()).headers).toEqual({
    'Idempotent-Replayed': 'true',
    'Idempotency-Original-Request-Id': 'req_1',
  });
});
