import { GetEscalation } from '../src/operations/get-escalation.js';
import { ListEscalations } from '../src/operations/list-escalations.js';
import { EscalationReader } from '../src/storage/escalation-reader.js';
import { verifyStoredLedger } from '../src/storage/verify-stored-ledger.js';
import { Escalations } from './escalations.fixture.js';
import { LedgerUnderTest } from './ledger.fixture.js';

const HOUR_MS = 60 * 60 * 1_000;
const LIFE_MS = 72 * HOUR_MS;
const route = { method: 'GET', path: '/v1/escalations', style: 'problem' } as const;

let ledger: LedgerUnderTest;
beforeEach(async () => {
  ledger = await LedgerUnderTest.start();
});
afterEach(async () => {
  for await (const { fault } of verifyStoredLedger(ledger.database.adminUrl)) expect(fault).toBeNull();
  await ledger.stop();
});

async function untilNonePending(waiting: Escalations): Promise<{ status: string }[]> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const { data } = await waiting.list('limit=1000').catch(() => ({ data: [] }));
    const isDone = data.every(
      (one: { result_decision_id: number | null }) => one.result_decision_id !== null,
    );
    if (data.length > 0 && isDone) return data;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('escalations are pending still');
}

test('72 hours later it is an EXPIRED row, budget and uniqueness are free, and nobody can settle it', async () => {
  const waiting = await Escalations.open(ledger, 41);
  const budgetDraw = { budget: 'prices', amountMinor: 600, limitMinorPerDay: 1_000 };
  const uniquenessDigest = Buffer.alloc(32, 41);
  const { id, decisionId } = await waiting.escalate({ budgetDraw, uniquenessDigest });
  const { expires_at } = await waiting.get(id);

  ledger.clock.now = Date.parse(expires_at) - 1_000;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await waiting.get(id)).toMatchObject({ status: 'pending', result_decision_id: null });

  ledger.clock.now = Date.parse(expires_at);
  const [expired] = await untilNonePending(waiting);
  const [row, ...more] = await waiting.answersTo(decisionId);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ status: 'EXPIRED', agent: 'system:expiry', recorded_at: expires_at });
  expect(expired).toEqual({
    id,
    status: 'expired',
    decision_id: decisionId,
    result_decision_id: row?.decision_id,
    expires_at,
  });
  expect(await waiting.eventsOf(row?.decision_id ?? 0)).toEqual(['decision.rejected']);
  for (const ask of [waiting.approve(id), waiting.reject(id)]) {
    await expect(ask).rejects.toMatchObject({
      code: 'conflict',
      extras: { escalation_status: 'expired', result_decision_id: row?.decision_id },
    });
  }
  const database = ledger.openDatabase();
  const rows = await database.across.query({
    text: `SELECT (SELECT amount::int FROM counter WHERE workspace_id = 41 AND counter = 'budget:prices') AS reserved,
            (SELECT count(decision_id)::int FROM uniqueness WHERE workspace_id = 41 AND expires_at > $1) AS held`,
    values: [expires_at],
  });
  await database.close();
  expect(rows).toEqual([{ reserved: 0, held: 0 }]);
});

test('what came due while nobody wrote the shard expires with its next owner, each once, in batches', async () => {
  const waiting = await Escalations.open(ledger, 42);
  const unlimited = { budgetDraw: undefined };
  await Promise.all(
    Array.from({ length: 230 }, (_, index) => waiting.escalate({ ...unlimited, subject: `s${index}` })),
  );
  await ledger.stopFirstProcess();
  ledger.clock.now += LIFE_MS + HOUR_MS;
  await ledger.startProcess();
  await ledger.startProcess();
  const settled = await untilNonePending(waiting);
  expect(new Set(settled.map(({ status }) => status))).toEqual(new Set(['expired']));
  await ledger.stopFirstProcess();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const rows = await ledger.listAll('status=EXPIRED', { workspaceId: 42 });
  expect(rows).toHaveLength(230);
});

test('an approval that races the clock leaves one answer, and the clock loses to what came first', async () => {
  const waiting = await Escalations.open(ledger, 43);
  const { id, decisionId } = await waiting.escalate();
  await waiting.approve(id);
  ledger.clock.now += LIFE_MS + HOUR_MS;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await waiting.answersTo(decisionId)).toMatchObject([{ status: 'APPLIED' }]);
  expect((await waiting.get(id)).status).toBe('approved');
});

test('before its row is written, one whose time is up is shown and listed as expired', async () => {
  const waiting = await Escalations.open(ledger, 44);
  const { id } = await waiting.escalate();
  const database = ledger.openDatabase();
  const reader = new EscalationReader(database);
  const later = () => ledger.clock.now + LIFE_MS;
  const context = ledger.context({ workspaceId: 44 });
  const parsed = ({ body }: { body: Uint8Array }) => JSON.parse(Buffer.from(body).toString());
  const list = async (status: 'pending' | 'expired') => {
    const query = { limit: 25, order: 'asc', status } as const;
    const secret = 'a cursor secret that is long enough!';
    const answer = await new ListEscalations(reader, secret, later).execute({
      ...{ context, route, query, params: {}, body: {} },
    });
    return parsed(answer).data;
  };
  const shown = await new GetEscalation(reader, later).execute({
    ...{ context, route, params: { escalation: id }, query: {}, body: {} },
  });
  const expired = { id, status: 'expired', result_decision_id: null };
  expect(parsed(shown)).toMatchObject(expired);
  expect(await list('expired')).toMatchObject([expired]);
  expect(await list('pending')).toEqual([]);
  await database.close();
});
