import { hostname } from 'node:os';
import { decisions } from '@magistry/contracts';
import pg from 'pg';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
let owner: pg.Client;

beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
  owner = new pg.Client({ connectionString: ledger.database.adminUrl });
  await owner.connect();
  await owner.query('SET search_path = decisions; ALTER TABLE decision_log DISABLE TRIGGER USER');
});
afterAll(async () => {
  await owner.end();
  await ledger.stop();
});

const outbox = async () =>
  (await ledger.caller.call(decisions.getOutboxState, {}, ledger.context())).shards.map((shard) => ({
    ...shard,
    lastPosition: Number(shard.lastPosition),
    publishedPosition: Number(shard.publishedPosition),
  }));

const writer = (shard: number) =>
  ledger.caller.call(decisions.getWriterState, {}, ledger.context(), decisions.writerStateSubject(shard));

/** Every stretch of a workspace's verification, the last one complete. */
async function stretches(workspaceId: number) {
  const all = [];
  let start = { workspaceId, afterDecisionId: 0n, chain: new Uint8Array() };
  while (true) {
    const stretch = await ledger.caller.call(decisions.verifyLedger, start, ledger.context());
    all.push(stretch);
    if (stretch.isComplete) return all;
    start = { workspaceId, afterDecisionId: stretch.decisionId, chain: Uint8Array.from(stretch.chain) };
  }
}

test('the outbox tells how far each shard is published, and how old its oldest waiting event is', async () => {
  await ledger.setKillSwitch(false, { workspaceId: 5 });
  const deadline = Date.now() + 10_000;
  let shard = (await outbox())[1];
  while (shard?.publishedPosition !== 1 && Date.now() < deadline) shard = (await outbox())[1];
  expect(shard).toMatchObject({
    shard: 1,
    lastPosition: 1,
    publishedPosition: 1,
    oldestUnpublishedAgeMs: 0,
  });
  await owner.query('UPDATE outbox_relay SET position = 0 WHERE shard = 1');
  await owner.query(`UPDATE outbox SET created_at = '2020-01-01T00:00:00Z' WHERE shard = 1`);
  ledger.clock.now = Date.parse('2020-01-01T00:01:30Z');
  expect((await outbox())[1]).toMatchObject({ publishedPosition: 0, oldestUnpublishedAgeMs: 90_000 });
  ledger.clock.now = Date.now();
  expect(await outbox()).toHaveLength(decisions.LEDGER_SHARDS);
});

test('each shard tells who holds it, and its next holder has a higher epoch', async () => {
  const shards = Array.from({ length: decisions.LEDGER_SHARDS }, (_, shard) => shard);
  const holder = { process: `${hostname()}:${process.pid}`, queueLength: 0 };
  const before = await Promise.all(shards.map(writer));
  expect(before).toMatchObject(shards.map((shard) => ({ shard, ...holder })));
  await ledger.startProcess();
  await ledger.stopFirstProcess();
  for (const { shard, epoch } of before) {
    expect((await nextHolder(shard, epoch)).epoch).toBe(epoch + 1n);
  }
});

/** Who holds the shard once the holder of that epoch is gone. */
async function nextHolder(shard: number, epoch: bigint) {
  const deadline = Date.now() + 10_000;
  while (true) {
    const holder = await writer(shard).catch(() => undefined);
    if (holder && holder.epoch !== epoch) return holder;
    if (Date.now() > deadline) throw new Error(`nobody has taken shard ${shard}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('verification in stretches', () => {
  const ROWS = 601;
  beforeAll(async () => {
    const flips = Array.from({ length: ROWS }, (_, index) => index % 2 === 1);
    for (const engaged of flips) await ledger.setKillSwitch(engaged, { workspaceId: 9 });
  });

  test('reaches the head of an untouched ledger, each stretch behind the one before', async () => {
    const all = await stretches(9);
    expect(all.map(({ decisionId, isComplete }) => [Number(decisionId), isComplete])).toEqual([
      [250, false],
      [500, false],
      [ROWS, true],
    ]);
    expect(all.at(-1)).toMatchObject({ headDecisionId: BigInt(ROWS), nextWorkspaceId: 0 });
    expect(all.at(-1)?.fault).toBeUndefined();
  });

  test('begins with the first workspace that has a ledger, and names the next', async () => {
    const start = { workspaceId: 0, afterDecisionId: 0n, chain: new Uint8Array() };
    const first = await ledger.caller.call(decisions.verifyLedger, start, ledger.context());
    expect(first).toMatchObject({ workspaceId: 5, isComplete: true, nextWorkspaceId: 9 });
  });

  test.each([
    ['a changed row of a later stretch', `UPDATE decision_log SET reason = 'forged'`, 400n, 'reason'],
    ['a removed row at the seam of two', 'DELETE FROM decision_log', 251n, '(row)'],
    ['a cut tail', 'DELETE FROM decision_log', BigInt(ROWS), '(row)'],
  ])('%s is named', async (_, tampering, decisionId, column) => {
    const where = 'workspace_id = 9 AND decision_id = $1';
    const { rows } = await owner.query(`SELECT * FROM decision_log WHERE ${where}`, [decisionId]);
    await owner.query(`${tampering} WHERE ${where}`, [decisionId]);
    const last = (await stretches(9)).at(-1);
    await owner.query(`DELETE FROM decision_log WHERE ${where}`, [decisionId]);
    await owner.query('INSERT INTO decision_log SELECT * FROM json_populate_record(NULL::decision_log, $1)', [
      JSON.stringify(rows[0], bytesAsHex),
    ]);
    expect(last?.fault).toMatchObject({ decisionId, column });
    expect((await stretches(9)).at(-1)?.fault).toBeUndefined();
  });

  test('a chain that was not the one verified is a fault, not a success', async () => {
    const start = { workspaceId: 9, afterDecisionId: 250n, chain: Buffer.alloc(32) };
    const { fault } = await ledger.caller.call(decisions.verifyLedger, start, ledger.context());
    expect(fault).toMatchObject({ decisionId: 251n, column: 'chain' });
  });

  test('a workspace without a ledger has nothing to fault', async () => {
    const [only] = await stretches(1_000);
    expect(only).toMatchObject({ decisionId: 0n, isComplete: true });
    expect(only?.fault).toBeUndefined();
  });
});

// As Postgres reads bytea; JSON has already turned the buffer into an object.
function bytesAsHex(_name: string, value: unknown): unknown {
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? `\\x${Buffer.from(bytes.data ?? []).toString('hex')}` : value;
}
