import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  await ledger.setKillSwitch(false);
});
afterAll(() => ledger.stop());

test('a proposal that passes every gate is APPLIED with the six gates in order', async () => {
  const { json } = await ledger.propose();
  expect(json).toMatchObject({
    status: 'APPLIED',
    judge: 'PASS',
    gates_passed: ['kill_switch', 'rate_limit', 'tier_A', 'trademark', 'uniqueness', 'budget'],
    gates_failed: [],
    reasons: [],
    reverse_op: `/v1/decisions/${json.decision_id}/reverse`,
  });
  expect(json.applied_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
});

test('the row is read back first in descending order, in the shape of seed 000', async () => {
  const { json } = await ledger.propose({ subject: 'SKU-LIN-228-SND-L' });
  const page = await ledger.list('order=desc&limit=1');
  expect(Object.keys(page.data[0]).slice(0, 12)).toEqual([
    'id',
    'agent',
    'action',
    'subject',
    'from_state',
    'to_state',
    'judge_score',
    'tier',
    'evidence',
    'reversal',
    'applied_at',
    'applied_by',
  ]);
  expect(page.data[0]).toMatchObject({
    decision_id: json.decision_id,
    agent: 'partner:research-tool',
    applied_by: 'partner:research-tool.planner',
    from_state: 'PRICE=?',
    to_state: 'PRICE=?-6.00',
    judge_score: 0.88,
    reversed_by: null,
  });
});

test('the same row has one shape at each version, read alone and in a list, and each is kept apart', async () => {
  const { json } = await ledger.propose({
    action: 'DISCOUNT_TEST',
    subject: 'both-shapes',
    reversal: 'PRICE_RESTORE@2026-06-08',
  });
  const read = async (apiVersion: string) => {
    const { data } = await ledger.list('subject=both-shapes', { apiVersion });
    const alone = await ledger.get(json.decision_id, { apiVersion });
    expect(data).toEqual([alone]);
    return alone;
  };
  for (const _ of ['rendered', 'remembered']) {
    expect(await read('2026-05-01')).toMatchObject({
      applied_by: 'partner:research-tool.planner',
      reversal: 'PRICE_RESTORE@2026-06-08',
      judge_score: 0.88,
    });
    expect(await read('2026-11-01')).toMatchObject({
      applied_by: { agent: 'partner:research-tool', executor: 'planner' },
      reversal: { action: 'PRICE_RESTORE', due_on: '2026-06-08' },
      judge: { score: 0.88, verdict: 'PASS' },
    });
  }
});

test('a reversal is answered, and replayed byte for byte, in the version of its request', async () => {
  const { json } = await ledger.propose({ subject: 'reversed-at-a-version' });
  const asked = { key: 'versioned', apiVersion: '2026-11-01' };
  const first = await ledger.reverse(json.decision_id, asked);
  expect(first.json).toMatchObject({ applied_by: { executor: 'reversal' }, judge: null });
  const again = await ledger.reverse(json.decision_id, asked);
  expect([again.replayed, Buffer.from(again.body).equals(Buffer.from(first.body))]).toEqual([true, true]);
  await expect(
    ledger.reverse(json.decision_id, { ...asked, apiVersion: '2026-05-01' }),
  ).rejects.toMatchObject({ code: 'idempotency_key_reused', extras: { mismatch: ['version'] } });
});

test('a proposal under another policy version is sent back to be judged again', async () => {
  expect(await ledger.propose({ policyVersion: 9 })).toMatchObject({ policyMoved: true, json: null });
});

test('the same proposal is refused as a duplicate until it is reversed', async () => {
  const uniquenessDigest = Buffer.alloc(32, 1);
  const subject = 'twice';
  const first = await ledger.propose({ uniquenessDigest, subject });
  const second = await ledger.propose({ uniquenessDigest, subject });
  expect(second.json).toMatchObject({ status: 'REJECTED', gates_failed: ['uniqueness'], reverse_op: null });
  expect(second.json.reasons[0]).toMatchObject({ gate: 'uniqueness', code: 'duplicate' });
  await ledger.reverse(first.json.decision_id);
  expect((await ledger.propose({ uniquenessDigest, subject })).json.status).toBe('APPLIED');
});

test('a budget is drawn once per proposal and given back by a reversal', async () => {
  const asked = { workspaceId: 11 };
  await ledger.setKillSwitch(false, asked);
  const budgetDraw = { budget: 'prices', amountMinor: 600, limitMinorPerDay: 1_000 };
  const first = await ledger.propose({ budgetDraw, subject: 'a' }, asked);
  const second = await ledger.propose({ budgetDraw, subject: 'b' }, asked);
  expect([first.json.status, second.json.status]).toEqual(['APPLIED', 'REJECTED']);
  expect(second.json.reasons).toEqual([
    { gate: 'budget', code: 'budget_exceeded', message: "The day's budget for prices has 4.00 EUR left." },
  ]);
  await ledger.reverse(first.json.decision_id, asked);
  expect((await ledger.propose({ budgetDraw, subject: 'b' }, asked)).json.status).toBe('APPLIED');
});

test('velocity lets exactly its limit through in a minute', async () => {
  const asked = { workspaceId: 12 };
  await ledger.setKillSwitch(false, asked);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      ledger.propose({ velocityPerMinute: 4, subject: `s${index}` }, asked),
    ),
  );
  expect(answers.filter(({ json }) => json.status === 'APPLIED')).toHaveLength(4);
});

test('a policy that asks for a person makes an ESCALATED row that reserves its budget', async () => {
  const asked = { workspaceId: 13 };
  await ledger.setKillSwitch(false, asked);
  const budgetDraw = { budget: 'prices', amountMinor: 600, limitMinorPerDay: 1_000 };
  const escalations = [{ gate: 'policy', passed: false, code: 'price_step_exceeded', message: 'too big' }];
  const { json } = await ledger.propose({ escalations, budgetDraw }, asked);
  expect(json).toMatchObject({ status: 'ESCALATED', reverse_op: null, applied_at: null });
  expect(json.escalation).toMatch(/^\/v1\/escalations\/esc_[0-9A-Z]{26}$/);
  expect((await ledger.propose({ budgetDraw, subject: 'other' }, asked)).json.gates_failed).toEqual([
    'budget',
  ]);
});

test('a dry run is judged, leaves no row and says how the switch stands', async () => {
  const asked = { workspaceId: 14 };
  const { json } = await ledger.propose({ dryRun: true }, asked);
  expect(json).toMatchObject({
    decision_id: null,
    status: 'DRY_RUN',
    would_be: 'APPLIED',
    kill_switch_engaged: true,
    reverse_op: null,
    applied_at: null,
    escalation: null,
  });
  expect((await ledger.list('', asked)).data).toEqual([]);
});

test('a reversal happens once, and the second is 409 already_reversed', async () => {
  const { json } = await ledger.propose({ subject: 'to-reverse' });
  const reversal = await ledger.reverse(json.decision_id);
  expect(reversal.json).toMatchObject({
    status: 'REVERSED',
    reverses: json.decision_id,
    to_state: 'PRICE=?',
  });
  await expect(ledger.reverse(json.decision_id)).rejects.toMatchObject({ code: 'already_reversed' });
  const page = await ledger.list('subject=to-reverse');
  expect(page.data[0].reversed_by).toBe(reversal.json.decision_id);
});

test('ten reversals at once make one row', async () => {
  const { json } = await ledger.propose({ subject: 'race' });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, () => ledger.reverse(json.decision_id)),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a subject that moved on is not reversed; the present state is told', async () => {
  const { json } = await ledger.propose({ subject: 'moved' });
  await ledger.propose({ subject: 'moved' });
  await expect(ledger.reverse(json.decision_id)).rejects.toMatchObject({
    code: 'state_moved',
    extras: { expected_state: 'PRICE=?-6.00', present_state: 'PRICE=?-12.00' },
  });
});

test('what cannot be reversed says so, and what is not there is not found', async () => {
  const { json } = await ledger.propose({ subject: 'reply', reversible: false });
  await expect(ledger.reverse(json.decision_id)).rejects.toMatchObject({ code: 'not_reversible' });
  await expect(ledger.reverse(999_999)).rejects.toMatchObject({ code: 'not_found' });
});

test('no APPLIED row follows the kill switch, however many proposals race it', async () => {
  const asked = { workspaceId: 15 };
  await ledger.setKillSwitch(false, asked);
  let isEngaged = false;
  const load = Array.from({ length: 16 }, async (_, caller) => {
    for (let count = 0; count < 40; count++) {
      const answeredAfter = isEngaged;
      const { json } = await ledger.propose(
        { velocityPerMinute: 0, subject: `s${caller}-${count}`, budgetDraw: undefined },
        asked,
      );
      if (answeredAfter) expect(json.status).toBe('REJECTED');
    }
  });
  const flip = await ledger.setKillSwitch(true, asked);
  isEngaged = true;
  await Promise.all(load);
  const rows = (await ledger.list('limit=1000', asked)).data;
  const after = rows.filter((row: { decision_id: number }) => row.decision_id > flip.json.decision_id);
  expect(after.length).toBeGreaterThan(0);
  expect(after.every((row: { status: string }) => row.status === 'REJECTED')).toBe(true);
});

test('engaging an engaged switch writes nothing and answers how it stands', async () => {
  const asked = { workspaceId: 16 };
  expect((await ledger.setKillSwitch(true, asked)).json).toMatchObject({ engaged: true, decision_id: null });
  expect((await ledger.list('', asked)).data).toEqual([]);
});

test('a policy is a row, counts from it on and is answered with its version', async () => {
  const asked = { workspaceId: 17 };
  const setPolicy = {
    case: 'setPolicy',
    value: { policyJson: '{"velocity_per_minute":5}', reason: '' },
  } as const;
  expect((await ledger.append(setPolicy, asked)).json).toEqual({
    version: 1,
    policy: { velocity_per_minute: 5 },
  });
  expect((await ledger.propose({ policyVersion: 0 }, asked)).policyMoved).toBe(true);
  expect((await ledger.list('', asked)).data[0]).toMatchObject({
    action: 'POLICY_CHANGE',
    to_state: 'POLICY@1',
  });
});
