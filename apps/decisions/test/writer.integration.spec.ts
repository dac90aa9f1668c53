import { fromBinary } from '@bufbuild/protobuf';
import { decisions, EventSchema } from '@magistry/contracts';
import { EVENTS_STREAM } from '@magistry/messaging';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { verifyStoredLedger } from '../src/storage/verify-stored-ledger.js';
import { LedgerUnderTest } from './ledger.fixture.js';

let ledger: LedgerUnderTest;
beforeAll(async () => {
  ledger = await LedgerUnderTest.start();
});
afterAll(() => ledger.stop());

const unlimited = { velocityPerMinute: 0, budgetDraw: undefined };

async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + 10_000;
  while (true) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test('events are read back densely by position, two for each proposal, as protobuf', async () => {
  await ledger.setKillSwitch(false);
  await ledger.propose({ subject: 'evented' });
  const request = { shard: decisions.shardOf(7), afterPosition: 0n, limit: 10 };
  const { events } = await ledger.caller.call(decisions.readOutbox, request, ledger.context());
  const decoded = events.map((bytes) => fromBinary(EventSchema, bytes));
  expect(decoded.map(({ type, position, severity }) => [type, Number(position), severity])).toEqual([
    ['killswitch.flipped', 1, 'critical'],
    ['decision.proposed', 2, 'info'],
    ['decision.applied', 3, 'info'],
  ]);
  expect(JSON.parse(Buffer.from(decoded[2]?.rowJson ?? []).toString())).toMatchObject({ subject: 'evented' });
});

test('the relay publishes to the stream in order and once', async () => {
  const manager = await jetstreamManager(ledger.nats);
  const lastOf = async () => {
    const message = await manager.streams.getMessage(EVENTS_STREAM, { last_by_subj: 'events.decisions.3' });
    return Number(message?.header.get('Magistry-Position'));
  };
  const { json } = await ledger.propose({ subject: 'relayed' });
  expect(json.status).toBe('APPLIED');
  await eventually(async () => expect(await lastOf()).toBe(5));
});

test('a second process takes a shard over when the first stops, and nothing is numbered twice', async () => {
  await ledger.setKillSwitch(false, { workspaceId: 2 });
  const second = await ledger.startProcess();
  const statuses: string[] = [];
  let isRunning = true;
  const load = Array.from({ length: 8 }, async (_, caller) => {
    for (let count = 0; isRunning; count++) {
      const key = `takeover-${caller}-${count}`;
      const { json } = await eventually(() =>
        ledger.propose(
          { ...unlimited, subject: key, uniquenessDigest: Buffer.from(key.padEnd(32)) },
          { workspaceId: 2, key },
        ),
      );
      statuses.push(json.status);
    }
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await ledger.stopFirstProcess();
  await new Promise((resolve) => setTimeout(resolve, 800));
  isRunning = false;
  await Promise.all(load);
  const rows = await ledger.listAll('action=PRICE_CHANGE', { workspaceId: 2 });
  expect(statuses.length).toBeGreaterThan(16);
  expect(new Set(statuses)).toEqual(new Set(['APPLIED']));
  expect(rows).toHaveLength(statuses.length);
  for await (const { fault } of verifyStoredLedger(ledger.database.adminUrl)) expect(fault).toBeNull();
  expect(second).toBeDefined();
});

test('a poisonous command fails alone; the rest of its batch is committed', async () => {
  const asked = { workspaceId: 6 };
  await ledger.setKillSwitch(false, asked);
  const proposals = Array.from({ length: 12 }, (_, index) =>
    // A NUL passes no contract; it stands for anything that Postgres refuses.
    ledger.propose({ ...unlimited, subject: index === 5 ? 'nul\u0000' : `p${index}` }, asked),
  );
  const outcomes = await Promise.allSettled(proposals);
  expect(outcomes.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
  expect((await ledger.list('action=PRICE_CHANGE', asked)).data).toHaveLength(11);
});

test('losing every database connection costs no acknowledged decision, and the writers come back', async () => {
  const asked = { workspaceId: 9 };
  await ledger.setKillSwitch(false, asked);
  const owner = new pg.Client({ connectionString: ledger.database.adminUrl });
  await owner.connect();
  const acknowledged: number[] = [];
  let isRunning = true;
  const load = Array.from({ length: 8 }, async (_, caller) => {
    for (let count = 0; isRunning; count++) {
      const key = `cut-${caller}-${count}`;
      const { json } = await eventually(() =>
        ledger.propose(
          { ...unlimited, subject: key, uniquenessDigest: Buffer.from(key.padEnd(32)) },
          { ...asked, key },
        ),
      );
      acknowledged.push(json.decision_id);
    }
  });
  for (let cut = 0; cut < 3; cut++) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  isRunning = false;
  await Promise.all(load);
  await owner.end();
  const rows = await ledger.listAll('action=PRICE_CHANGE', asked);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect([...acknowledged].sort((a, b) => a - b)).toEqual(rows.map((row) => row.decision_id));
});
