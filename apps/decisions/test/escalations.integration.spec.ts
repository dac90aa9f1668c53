import { verifyStoredLedger } from '../src/storage/verify-stored-ledger.js';
import { Escalations } from './escalations.fixture.js';
import { LedgerUnderTest } from './ledger.fixture.js';

const CALLERS = 16;

let ledger: LedgerUnderTest;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
});
afterAll(async () => {
  for await (const { fault } of verifyStoredLedger(ledger.database.adminUrl)) expect(fault).toBeNull();
  await ledger.stop();
});

test("another key's approval is an APPLIED row with approves, reversible like any other", async () => {
  const waiting = await Escalations.open(ledger, 21);
  const { id, decisionId } = await waiting.escalate();
  const { json } = await waiting.approve(id);
  expect(json).toEqual({
    id,
    status: 'approved',
    decision_id: decisionId,
    result_decision_id: decisionId + 1,
    expires_at: expect.stringMatching(/Z$/),
  });
  expect(await waiting.get(id)).toEqual(json);
  expect(await waiting.answersTo(decisionId)).toMatchObject([
    { status: 'APPLIED', agent: 'key:12', applied_by: 'key:12.approval', to_state: 'PRICE=?-6.00' },
  ]);
  expect(await waiting.eventsOf(decisionId + 1)).toEqual(['decision.applied']);
  const reversal = await ledger.reverse(decisionId + 1, { workspaceId: 21 });
  expect(reversal.json).toMatchObject({ status: 'REVERSED', to_state: 'PRICE=?' });
});

test(`${CALLERS} answers at once make one row, and the others are told which`, async () => {
  const waiting = await Escalations.open(ledger, 22);
  const { id, decisionId } = await waiting.escalate();
  const answers = await Promise.allSettled(
    Array.from({ length: CALLERS }, (_, caller) => {
      const asked = { actor: `key:${100 + caller}` };
      return caller % 4 === 3 ? waiting.reject(id, asked) : waiting.approve(id, asked);
    }),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const [row, ...more] = await waiting.answersTo(decisionId);
  expect(more).toEqual([]);
  for (const answer of answers.filter((one) => one.status === 'rejected')) {
    expect(answer.reason).toMatchObject({
      code: 'conflict',
      extras: { result_decision_id: row?.decision_id },
    });
  }
});

test('a retry under its key is answered byte for byte, and another body is refused', async () => {
  const waiting = await Escalations.open(ledger, 23);
  const { id, decisionId } = await waiting.escalate();
  const first = await waiting.approve(id, { key: 'approve-1' });
  const again = await waiting.approve(id, { key: 'approve-1' });
  expect(again.replayed).toBe(true);
  expect(Buffer.from(again.body)).toEqual(Buffer.from(first.body));
  expect(await waiting.answersTo(decisionId)).toHaveLength(1);
  const bodyHash = Buffer.alloc(32, 9);
  await expect(waiting.approve(id, { key: 'approve-1', bodyHash })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
});

test('the proposer is refused, and its key is free for another try', async () => {
  const waiting = await Escalations.open(ledger, 24);
  const { id } = await waiting.escalate();
  const own = { actor: 'partner:research-tool', key: 'own' };
  await expect(waiting.approve(id, own)).rejects.toMatchObject({ code: 'access_denied' });
  await expect(waiting.approve(id, own)).rejects.not.toMatchObject({
    headers: { 'Idempotent-Replayed': 'true' },
  });
  expect(await waiting.get(id)).toMatchObject({ status: 'pending', result_decision_id: null });
});

test('while killed an approval is a REJECTED row, the escalation waits, and can be approved later', async () => {
  const waiting = await Escalations.open(ledger, 25);
  const { id, decisionId } = await waiting.escalate({ subject: 'killed' });
  await ledger.setKillSwitch(true, { workspaceId: 25 });
  const refused = await waiting.approve(id);
  expect(refused.json).toMatchObject({ status: 'pending', result_decision_id: decisionId + 2 });
  expect(await waiting.get(id)).toEqual(refused.json);
  await ledger.setKillSwitch(false, { workspaceId: 25 });
  expect((await waiting.approve(id)).json.status).toBe('approved');
  expect((await waiting.answersTo(decisionId)).map(({ status }) => status)).toEqual(['REJECTED', 'APPLIED']);
});

test('a rejection returns budget and uniqueness', async () => {
  const waiting = await Escalations.open(ledger, 26);
  const budgetDraw = { budget: 'prices', amountMinor: 600, limitMinorPerDay: 1_000 };
  const uniquenessDigest = Buffer.alloc(32, 26);
  const { id, decisionId } = await waiting.escalate({ budgetDraw, uniquenessDigest });
  const twin = { budgetDraw, uniquenessDigest };
  expect((await waiting.propose(twin)).json.gates_failed).toEqual(['uniqueness', 'budget']);
  expect((await waiting.reject(id)).json).toMatchObject({ status: 'rejected' });
  expect(await waiting.answersTo(decisionId)).toMatchObject([{ status: 'REJECTED', reason: 'a test' }]);
  expect((await waiting.propose(twin)).json.status).toBe('APPLIED');
});

test('an approval draws its budget once', async () => {
  const waiting = await Escalations.open(ledger, 27);
  const budgetDraw = { budget: 'prices', amountMinor: 600, limitMinorPerDay: 1_000 };
  const { id } = await waiting.escalate({ budgetDraw, subject: 'a' });
  expect((await waiting.approve(id, {}, { budgetDraw })).json.status).toBe('approved');
  const left = await waiting.propose({ budgetDraw, subject: 'b' });
  expect(left.json.reasons[0].message).toBe("The day's budget for prices has 4.00 EUR left.");
});

test('a subject that moved since is state_moved with the present state, and the escalation waits', async () => {
  const waiting = await Escalations.open(ledger, 28);
  const { id } = await waiting.escalate({ subject: 'moving' });
  await waiting.propose({ subject: 'moving' });
  await expect(waiting.approve(id)).rejects.toMatchObject({
    code: 'state_moved',
    extras: { expected_state: 'PRICE=?', present_state: 'PRICE=?-6.00' },
  });
  expect((await waiting.get(id)).status).toBe('pending');
});

test('facts of an older policy write nothing', async () => {
  const waiting = await Escalations.open(ledger, 29);
  const { id, decisionId } = await waiting.escalate();
  expect(await waiting.approve(id, {}, { policyVersion: 9 })).toMatchObject({
    policyMoved: true,
    json: null,
  });
  expect(await waiting.answersTo(decisionId)).toEqual([]);
});

test('an escalation belongs to its workspace', async () => {
  const waiting = await Escalations.open(ledger, 30);
  const stranger = await Escalations.open(ledger, 34);
  const { id } = await waiting.escalate();
  for (const ask of [stranger.get(id), stranger.approve(id), stranger.reject(id)]) {
    await expect(ask).rejects.toMatchObject({ code: 'not_found' });
  }
  expect((await stranger.list()).data).toEqual([]);
});

test.each(['esc_1', 'dec_01J9X2KQZP6E3XL2000000000A', 'esc_01J9X2KQZP6E3XL200000000Ü', '7', '__proto__'])(
  '%s is not found',
  async (id) => {
    const waiting = await Escalations.open(ledger, 31);
    await expect(waiting.get(id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(waiting.approve(id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(waiting.reject(id)).rejects.toMatchObject({ code: 'not_found' });
  },
);

test('a list runs by what expires first, page by page, and by status', async () => {
  const waiting = await Escalations.open(ledger, 32);
  const made = [];
  for (let index = 0; index < 5; index += 1) made.push(await waiting.escalate({ subject: `s${index}` }));
  const ids = made.map(({ id }) => id);
  await waiting.reject(ids[1] ?? '');
  const page = await waiting.list('limit=2');
  expect(page).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], has_more: true });
  const rest = await waiting.list(`limit=3&cursor=${page.next_cursor}`);
  expect(rest).toMatchObject({ data: [{ id: ids[2] }, { id: ids[3] }, { id: ids[4] }], has_more: false });
  expect(await waiting.list(`cursor=${rest.next_cursor}`)).toEqual({
    data: [],
    next_cursor: rest.next_cursor,
    has_more: false,
  });
  const idsOf = async (query: string) => (await waiting.list(query)).data.map(({ id }: { id: string }) => id);
  expect(await idsOf('order=desc&limit=1')).toEqual([ids[4]]);
  expect(await idsOf('status=pending')).toEqual([ids[0], ids[2], ids[3], ids[4]]);
  expect(await idsOf('status=rejected')).toEqual([ids[1]]);
  expect(await idsOf('status=approved')).toEqual([]);
  for (const query of [`status=pending&cursor=${page.next_cursor}`, 'status=open', 'limit=0', 'subject=s1']) {
    await expect(waiting.list(query)).rejects.toMatchObject({ code: 'validation_failed' });
  }
  const ofRows = (await ledger.list('limit=1', { workspaceId: 32 })).next_cursor;
  await expect(waiting.list(`cursor=${ofRows}`)).rejects.toMatchObject({ code: 'validation_failed' });
});
