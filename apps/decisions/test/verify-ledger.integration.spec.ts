import pg from 'pg';
import { verifyStoredLedger } from '../src/storage/verify-stored-ledger.js';
import { Escalations } from './escalations.fixture.js';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
let owner: pg.Client;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  await ledger.setKillSwitch(false);
  for (let index = 0; index < 8; index++)
    await ledger.propose({ subject: `s${index}`, reversal: 'PRICE_RESTORE@2026-12-01' });
  await ledger.reverse(3);
  owner = new pg.Client({ connectionString: ledger.database.adminUrl });
  await owner.connect();
  await owner.query('SET search_path = decisions; ALTER TABLE decision_log DISABLE TRIGGER USER');
});
afterAll(async () => {
  await owner.end();
  await ledger.stop();
});

async function faultAfter(tampering: string): Promise<unknown> {
  await owner.query('CREATE TABLE kept AS SELECT * FROM decision_log');
  await owner.query(tampering);
  try {
    for await (const { fault } of verifyStoredLedger(ledger.database.adminUrl)) if (fault) return fault;
    return null;
  } finally {
    await owner.query('TRUNCATE decision_log; INSERT INTO decision_log SELECT * FROM kept; DROP TABLE kept');
  }
}

test('an owner who is no superuser verifies the same rows, and one who may not look is told so', async () => {
  const rowsSeenBy = async (role: string) => {
    const url = new URL(ledger.database.adminUrl);
    url.username = role;
    url.password = 'only-for-a-test';
    let seen = 0;
    for await (const { rows } of verifyStoredLedger(url.href)) seen += rows;
    return seen;
  };
  const [owning, strange] = ['test_bound_owner', 'test_stranger'];
  for (const role of [owning, strange]) {
    await owner.query(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD 'only-for-a-test'`);
  }
  await owner.query(`GRANT magistry_decisions_across TO ${owning} WITH INHERIT FALSE, SET TRUE`);
  expect(await rowsSeenBy(owning)).toBe(10);
  await expect(rowsSeenBy(strange)).rejects.toThrow('permission denied to set role');
  await owner.query(`DROP ROLE ${owning}; DROP ROLE ${strange}`);
});

test('an untouched ledger verifies', async () => {
  expect(await faultAfter('SELECT 1')).toBeNull();
});

test.each([
  ['to_state', `to_state = 'PRICE=?-5.00'`],
  ['judge_score', 'judge_score = 9999'],
  ['status', `status = 'REJECTED'`],
  ['evidence', `evidence = '["forged#1"]'`],
  ['gates', `gates = '[]'`],
  ['parameters', `parameters = '{"delta_eur":-5}'`],
  ['recorded_at', `recorded_at = '2020-01-01T00:00:00Z'`],
  ['applied_at', 'applied_at = NULL'],
  ['budget_minor', 'budget_minor = 1'],
  ['reversible', 'reversible = false'],
  ['agent', `agent = 'key:1'`],
])('a changed %s is named with its row', async (column, change) => {
  expect(await faultAfter(`UPDATE decision_log SET ${change} WHERE decision_id = 5`)).toMatchObject({
    decisionId: 5,
    column,
  });
});

test('a row changed together with its canonical bytes is found by the chain', async () => {
  const change = `agent = 'key:1', canonical = replace(canonical, 'partner:research-tool"', 'key:1"')`;
  expect(await faultAfter(`UPDATE decision_log SET ${change} WHERE decision_id = 5`)).toMatchObject({
    decisionId: 5,
  });
});

test('a deleted row and a cut tail are named', async () => {
  expect(await faultAfter('DELETE FROM decision_log WHERE decision_id = 4')).toMatchObject({
    decisionId: 4,
    column: '(row)',
  });
  expect(await faultAfter('DELETE FROM decision_log WHERE decision_id > 7')).toMatchObject({
    decisionId: 8,
    column: '(row)',
  });
});

test('two swapped rows are named', async () => {
  const swap = `UPDATE decision_log SET decision_id = -decision_id WHERE decision_id IN (5, 6);
    UPDATE decision_log SET decision_id = 11 + decision_id WHERE decision_id < 0`;
  expect(await faultAfter(swap)).toMatchObject({ decisionId: 5, column: 'decision_id' });
});

test.each([
  'UPDATE decision_log SET agent = $1',
  'DELETE FROM decision_log WHERE agent = $1',
  'TRUNCATE decision_log',
])('the service itself is refused: %s', async (statement) => {
  const service = new pg.Client({ connectionString: ledger.database.url });
  await service.connect();
  const values = statement.includes('$1') ? ['key:1'] : [];
  await expect(service.query(statement, values)).rejects.toMatchObject({ code: '42501' });
  await service.query('SET ROLE magistry_decisions_across');
  await expect(service.query(statement, values)).rejects.toMatchObject({ code: '42501' });
  await service.end();
});

describe('the escalation table must say what the log says', () => {
  let decisionId: number;
  beforeAll(async () => {
    const waiting = await Escalations.open(ledger, 8);
    const escalation = await waiting.escalate();
    decisionId = escalation.decisionId;
    await ledger.setKillSwitch(true, { workspaceId: 8 });
    await waiting.approve(escalation.id);
    await ledger.setKillSwitch(false, { workspaceId: 8 });
    await waiting.approve(escalation.id);
    await waiting.escalate({ subject: 'another' });
  });

  test.each([
    ['status', `SET status = 'rejected'`],
    ['result_decision_id', 'SET result_decision_id = result_decision_id - 1'],
  ])('a changed %s is named', async (column, change) => {
    const fault = await faultAfterChange(`UPDATE escalation ${change} WHERE decision_id = ${decisionId}`);
    expect(fault).toMatchObject({ workspaceId: 8, decisionId, column: `escalation.${column}` });
  });

  test('a deleted and an invented escalation are named', async () => {
    const deleted = await faultAfterChange(`DELETE FROM escalation WHERE decision_id = ${decisionId}`);
    expect(deleted).toMatchObject({ decisionId, column: 'escalation.(row)' });
    const invented = await faultAfterChange(
      `INSERT INTO escalation (workspace_id, decision_id, expires_at) VALUES (8, 1, '2026-01-01T00:00:00Z')`,
    );
    expect(invented).toMatchObject({ decisionId: 1, column: 'escalation.(row)' });
  });

  async function faultAfterChange(change: string): Promise<unknown> {
    await owner.query('CREATE TABLE kept_escalation AS SELECT * FROM escalation');
    await owner.query(change);
    try {
      for await (const { fault } of verifyStoredLedger(ledger.database.adminUrl)) if (fault) return fault;
      return null;
    } finally {
      await owner.query(
        'TRUNCATE escalation; INSERT INTO escalation SELECT * FROM kept_escalation; DROP TABLE kept_escalation',
      );
    }
  }
});
