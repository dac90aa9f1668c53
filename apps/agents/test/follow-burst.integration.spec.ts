import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import { Database, type Transaction } from '../src/storage/database.js';
import { type RunningProcess, startProcess } from './agents.fixture.js';

const MESSAGES = 20;
const FOLLOWERS = 1_000;

/** Counts what is asked of Postgres within a workspace: each is one round trip or more. */
class CountingDatabase extends Database {
  transactions = 0;

  override transactionIn<Result>(
    workspaceId: number,
    work: (transaction: Transaction) => Promise<Result>,
    lockWaitMs?: number,
  ): Promise<Result> {
    this.transactions += 1;
    return super.transactionIn(workspaceId, work, lockWaitMs);
  }
}

let testDatabase: TestDatabase;
let database: CountingDatabase;
let running: RunningProcess;
let ids: string[];

beforeAll(async () => {
  testDatabase = await createTestDatabase('agents');
  database = new CountingDatabase(testDatabase.url, () => undefined);
  running = await startProcess(testDatabase.url, { database });
  const answers = await Promise.all(
    Array.from({ length: MESSAGES }, () => running.send(agents.sendMessage, { body: { content: 'Hello' } })),
  );
  ids = answers.map(({ json }) => (json as { id: string }).id);
});
afterAll(async () => {
  await running.stop();
  await testDatabase.drop();
});

const follow = (id: string, workspace?: { id: number }) =>
  running.send(agents.getMessageEvents, { params: { message_id: id } }, workspace).then(
    ({ status }) => status,
    ({ code }) => code,
  );

test('1,000 followers who come at once are all let in, and take few transactions', async () => {
  const before = database.transactions;
  const startedAt = performance.now();
  const followers = Array.from({ length: FOLLOWERS }, (_, index) => follow(ids[index % MESSAGES] ?? ''));
  expect(new Set(await Promise.all(followers))).toEqual(new Set([200]));
  const transactions = database.transactions - before;
  const tookMs = Math.round(performance.now() - startedAt);
  process.stdout.write(`    ${FOLLOWERS} followers: ${transactions} transactions, ${tookMs} ms\n`);
  expect(transactions).toBeLessThan(FOLLOWERS / 10);
});

test('in a burst, too, what is not there or of another workspace is not found', async () => {
  const asked = [
    follow(ids[0] ?? ''),
    follow('msg_none'),
    follow(ids[1] ?? '', { id: 8 }),
    follow(ids[1] ?? ''),
  ];
  expect(await Promise.all(asked)).toEqual([200, 'not_found', 'not_found', 200]);
});
