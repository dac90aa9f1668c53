import { createLogger, startTelemetry, type Telemetry, telemetryVariables } from '@magistry/telemetry';
import pg from 'pg';
import { z } from 'zod';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
let telemetry: Telemetry;
let owner: pg.Client;

beforeAll(async () => {
  const settings = z.object(telemetryVariables).parse({});
  telemetry = await startTelemetry('decisions', settings, createLogger('decisions', 'silent'));
  ledger = await LedgerUnderTest.start();
  owner = new pg.Client({ connectionString: ledger.database.adminUrl });
  await owner.connect();
  await ledger.setKillSwitch(false);
});
afterAll(async () => {
  await owner.end();
  await ledger.stop();
  await telemetry.stop();
});

/** A sample's value by its name and first labels, as they are written; undefined when there is none. */
async function sample(name: string): Promise<number | undefined> {
  const text = await (await fetch(`${telemetry.url}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const ofShard = (name: string) => `${name}{shard="3"`;

async function until(name: string, isWanted: (value: number) => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (true) {
    const value = await sample(name);
    if (value !== undefined && isWanted(value)) return;
    if (Date.now() > deadline) throw new Error(`${name} is ${value}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The relay is at rest: a lock taken before would stop it at the events of another test. */
async function untilAllNoted(): Promise<void> {
  const deadline = Date.now() + 10_000;
  const sql = `SELECT s.position = r.position AS "isNoted"
    FROM decisions.ledger_shard s JOIN decisions.outbox_relay r USING (shard) WHERE shard = 3`;
  while (!(await owner.query(sql)).rows[0].isNoted) {
    if (Date.now() > deadline) throw new Error('the relay has not noted what it published');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What `work` does while somebody holds a lock; the lock goes with the transaction. */
async function whileLocked(sql: string, work: () => Promise<void>): Promise<void> {
  await owner.query('BEGIN');
  try {
    await owner.query(sql);
    await work();
  } finally {
    await owner.query('COMMIT');
  }
}

test('rows count by kind and status, commits by batch and duration', async () => {
  const applied = 'magistry_ledger_rows_total{kind="PROPOSAL",status="APPLIED"';
  const before = (await sample(applied)) ?? 0;
  await Promise.all([ledger.propose({ subject: 'one' }), ledger.propose({ subject: 'two' })]);
  await ledger.propose({ subject: 'three', dryRun: true });
  expect(await sample(applied)).toBe(before + 2);
  const batches = (await sample('magistry_ledger_batch_commands_count{service="decisions",shard="3"')) ?? 0;
  expect(batches).toBeGreaterThan(0);
  expect(await sample('magistry_ledger_commit_duration_seconds_count{service="decisions",shard="3"')).toBe(
    batches,
  );
});

test('the shards that this process writes are held', async () => {
  expect(await sample(ofShard('magistry_ledger_shard_held'))).toBe(1);
});

test('while a commit hangs, commands queue and the ledger lags; then both are zero again', async () => {
  let waiting: Promise<unknown>[] = [];
  await whileLocked('SELECT 1 FROM decisions.ledger_shard WHERE shard = 3 FOR UPDATE', async () => {
    waiting = [ledger.propose({ subject: 'hangs' })];
    // It has arrived, and then no longer waits: what comes now is not of its batch.
    await until(ofShard('magistry_ledger_lag_seconds'), (lag) => {
      ledger.clock.now += 100;
      return lag > 0;
    });
    await until(ofShard('magistry_ledger_queued_commands'), (count) => count === 0);
    waiting.push(ledger.propose({ subject: 'waits' }));
    await until(ofShard('magistry_ledger_queued_commands'), (count) => count === 1);
    ledger.clock.now += 1_500;
    await until(ofShard('magistry_ledger_lag_seconds'), (lag) => lag >= 1.5);
  });
  await Promise.all(waiting);
  expect(await sample(ofShard('magistry_ledger_queued_commands'))).toBe(0);
  expect(await sample(ofShard('magistry_ledger_lag_seconds'))).toBe(0);
});

test('while events cannot be published, the outbox lags; then it is empty again', async () => {
  await untilAllNoted();
  await whileLocked('LOCK TABLE decisions.outbox_relay IN ACCESS EXCLUSIVE MODE', async () => {
    await ledger.propose({ subject: 'published, but not noted' });
    await until(ofShard('magistry_outbox_unpublished_events'), (count) => count === 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await ledger.propose({ subject: 'behind it' });
    await until(ofShard('magistry_outbox_unpublished_events'), (count) => count === 2);
    await until(ofShard('magistry_outbox_lag_seconds'), (lag) => lag > 0.2);
  });
  await until(ofShard('magistry_outbox_unpublished_events'), (count) => count === 0);
  expect(await sample(ofShard('magistry_outbox_lag_seconds'))).toBe(0);
});
