import pg from 'pg';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  await ledger.setKillSwitch(false);
});
afterAll(() => ledger.stop());

test('100 concurrent copies under one key make one row and 100 equal bodies', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      ledger.propose({ subject: 'copies', uniquenessDigest: Buffer.alloc(32, 9) }, { key: 'copy-1' }),
    ),
  );
  expect(new Set(answers.map(({ body }) => Buffer.from(body).toString())).size).toBe(1);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect((await ledger.list('subject=copies')).data).toHaveLength(1);
});

test('a retry is answered byte for byte as the first time, with the first request id', async () => {
  const first = await ledger.propose({}, { key: 'retry-1' });
  const second = await ledger.propose(
    { subject: 'ignored, as the fingerprint is the same' },
    { key: 'retry-1' },
  );
  expect(Buffer.from(second.body).equals(Buffer.from(first.body))).toBe(true);
  expect(second.replayed).toBe(true);
  expect(second.originalRequestId).toMatch(/^req_/);
});

test('another body under a used key is 422 and says what differs', async () => {
  await ledger.propose({}, { key: 'used' });
  await expect(ledger.propose({}, { key: 'used', bodyHash: Buffer.alloc(32, 1) })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
    extras: { mismatch: ['body'] },
  });
});

test('two different bodies at once under one key make one row and one 422', async () => {
  const outcomes = await Promise.allSettled(
    [0, 1].map((fill) =>
      ledger.propose({ subject: 'two-bodies' }, { key: 'both', bodyHash: Buffer.alloc(32, fill) }),
    ),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect((await ledger.list('subject=two-bodies')).data).toHaveLength(1);
});

test('two principals and two workspaces never share a key', async () => {
  const first = await ledger.propose({}, { key: 'shared' });
  const second = await ledger.propose({}, { key: 'shared', actor: 'key:5' });
  const third = await ledger.propose({}, { key: 'shared', workspaceId: 3 });
  expect([first, second, third].map(({ replayed }) => replayed)).toEqual([false, false, false]);
});

test('a business refusal is kept and replayed as such', async () => {
  const { json } = await ledger.propose({ subject: 'refused-twice', reversible: false });
  await expect(ledger.reverse(json.decision_id, { key: 'no' })).rejects.toMatchObject({
    code: 'not_reversible',
  });
  await expect(ledger.reverse(json.decision_id, { key: 'no' })).rejects.toMatchObject({
    code: 'not_reversible',
    headers: { 'Idempotent-Replayed': 'true' },
  });
});

test('a dump of the table shows neither key nor answer', async () => {
  await ledger.propose({ subject: 'sealed-subject' }, { key: 'visible-key' });
  const client = new pg.Client({ connectionString: ledger.database.adminUrl });
  await client.connect();
  const { rows } = await client.query('SELECT * FROM decisions.idempotency');
  await client.end();
  const dump = rows
    .flatMap((row) => Object.values(row))
    .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)))
    .join('\n');
  expect(dump).not.toContain('visible-key');
  expect(dump).not.toContain('decision_id');
});

test('a key is new again after 24 hours', async () => {
  const first = await ledger.propose({}, { key: 'old' });
  ledger.clock.now += 25 * 60 * 60 * 1_000;
  const second = await ledger.propose({}, { key: 'old' });
  expect([first.replayed, second.replayed]).toEqual([false, false]);
});
