import { setTimeout as pause } from 'node:timers/promises';
import { agents, identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Caller, Handles, jsonAnswer, type NatsConnection, type PublicRequest } from '@magistry/messaging';
import {
  connectTestNats,
  createTestDatabase,
  type RunningService,
  startController,
  type TestDatabase,
} from '@magistry/testing';
import { Controller } from '@nestjs/common';
import pg from 'pg';
import { Clock } from '../src/domain/clock.js';
import { Credits } from '../src/messages/credits.js';
import { CreditStore } from '../src/storage/credit-store.js';
import { Database } from '../src/storage/database.js';
import { type RunningProcess, startProcess, WORKSPACE_ID } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { until } from './until.fixture.js';

/** For a retry to have found the message that it repeats. */
const RETRY_WAITS_MS = 100;
const SOON = new Date(Date.now() + 60_000);

/** Stands in for identity's books: counts a key once, up to a limit. */
@Controller()
class Books {
  static keys: string[] = [];
  static limit = 0;
  static asked = 0;
  /** Held up until this resolves. */
  static open = Promise.resolve();

  @Handles(identity.recordUsage)
  async recordUsage({ context }: PublicRequest<typeof identity.recordUsage>) {
    Books.asked += 1;
    await Books.open;
    const key = context.idempotency?.key ?? '';
    if (!Books.keys.includes(key)) {
      if (Books.keys.length >= Books.limit) throw new ProblemError('feature_limit_reached', 'none is left');
      Books.keys.push(key);
    }
    const recorded = { recorded: true, feature: 'message_credits', current_usage: 1, limit: 1 };
    return jsonAnswer(recorded);
  }
}

let database: TestDatabase;
let storage: Database;
let nats: NatsConnection;
let owner: pg.Client;
let model: ChatModel;
let running: RunningProcess;
let credits: Credits;
let books: RunningService | undefined;

beforeAll(async () => {
  database = await createTestDatabase('agents');
  storage = new Database(database.url, () => undefined);
  nats = await connectTestNats('agents');
  credits = new Credits(new Caller(nats), new CreditStore(storage), new Clock(Date.now));
  owner = new pg.Client({ connectionString: database.adminUrl });
  await owner.connect();
  model = await ChatModel.start(() => 'Hello yourself');
  running = await startProcess(database.url, { model: { name: 'outside', baseUrl: model.baseUrl } });
});
afterEach(async () => {
  await books?.stop();
  books = undefined;
  await owner.query('TRUNCATE agents.cost_entry, agents.run_event, agents.run');
});
afterAll(async () => {
  await running.stop();
  model.stop();
  await nats.drain();
  await storage.onApplicationShutdown();
  await owner.end();
  await database.drop();
});

async function open(limit: number): Promise<void> {
  Books.keys = [];
  Books.asked = 0;
  Books.limit = limit;
  Books.open = Promise.resolve();
  model.asked.length = 0;
  books = await startController('identity', Books, []);
}
const say = (more = {}, idempotencyKey?: string) => {
  const body = { content: 'Hello', ...more };
  return running.send(agents.sendMessage, { body, ...(idempotencyKey !== undefined && { idempotencyKey }) });
};
async function owed(): Promise<{ id: string; credit: string }[]> {
  return (await owner.query('SELECT id, credit FROM agents.run ORDER BY created_at')).rows;
}

async function reservations(): Promise<{ spent: number | null }[]> {
  return (await owner.query('SELECT spent_micros::int4 AS spent FROM agents.cost_entry')).rows;
}

test('a message is answered while identity is away, and charged once when it is back', async () => {
  expect((await say()).status).toBe(200);
  const [message] = await owed();
  expect(message?.credit).toBe('due');
  await expect(credits.collect(SOON, 10)).rejects.toMatchObject({ code: 'service_unavailable' });
  await open(5);
  await Promise.all([credits.collect(SOON, 10), credits.collect(SOON, 10)]);
  await credits.collect(SOON, 10);
  expect([Books.keys, (await owed())[0]?.credit]).toEqual([[`message ${message?.id}`], 'charged']);
});

test('a message that was answered before the plan turned out to be used up stands', async () => {
  await say();
  await open(0);
  await credits.collect(SOON, 10);
  expect((await owed())[0]?.credit).toBe('waived');
});

test('messages younger than those that are collected are left to the requests that sent them', async () => {
  await say();
  await open(5);
  await credits.collect(new Date(Date.now() - 60_000), 10);
  expect([Books.keys, (await owed())[0]?.credit]).toEqual([[], 'due']);
});

test('a retry of a message that is being refused gets the refusal, and the next one a fresh try', async () => {
  await open(0);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const first = say({}, 'kept').catch((error) => error);
  await until('the charge', () => Books.asked === 1);
  const retry = say({}, 'kept').catch((error) => error);
  await pause(RETRY_WAITS_MS);
  held.resolve();
  const refusal = { code: 'usage_limit_exceeded', message: 'The daily limit of message credits is used up.' };
  expect([await first, await retry]).toMatchObject([refusal, refusal]);
  const [message] = await owed();
  const name = `${WORKSPACE_ID}.${message?.id}`;
  const { page } = await running.call(agents.readEvents, { name, after: 0 });
  const last = JSON.parse(Buffer.from(page?.events.at(-1)?.data ?? []).toString());
  expect([page?.isEnded, last]).toEqual([true, { event: 'error', message_id: message?.id, error: refusal }]);
  Books.limit = 1;
  const fresh = await say({}, 'kept');
  expect([fresh.status, await owed()]).toMatchObject([200, [{ credit: 'refused' }, { credit: 'charged' }]]);
});

test('what was refused was never said: the next message of the session knows nothing of it', async () => {
  await open(0);
  const session = { session_id: 'refused' };
  const name = say({ ...session, content: 'My name is Ada.' });
  await expect(name).rejects.toMatchObject({ code: 'usage_limit_exceeded' });
  Books.limit = 1;
  await say({ ...session, content: 'What is my name?' });
  const shown = JSON.stringify(model.asked.map(({ messages }) => messages));
  expect([shown.includes('What is my name?'), shown.includes('Ada')]).toEqual([true, false]);
});

test('a message that was answered before its refusal came stands', async () => {
  await open(0);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const said = say();
  await until('the charge', () => Books.asked === 1);
  await owner.query('UPDATE agents.run SET leased_until = now(), epoch = epoch + 1');
  await until('the answer', async () => {
    const { rows } = await owner.query(`SELECT status FROM agents.run`);
    return rows[0].status === 'success';
  });
  held.resolve();
  expect((await said).status).toBe(200);
  await credits.collect(SOON, 10);
  expect((await owed())[0]?.credit).toBe('waived');
});

test('while its credit is being asked for, a message reserves its model call and does not ask the model', async () => {
  await open(1);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const answered = say();
  await until('the reservation', async () => (await reservations()).length === 1);
  expect(model.asked).toEqual([]);
  held.resolve();
  expect((await answered).status).toBe(200);
  expect(model.asked.length).toBe(1);
});

test('a message that there is no credit for is refused, asks no model, and has cost nothing', async () => {
  await open(0);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const refused = expect(say()).rejects.toMatchObject({ code: 'usage_limit_exceeded' });
  await until('the reservation', async () => (await reservations()).length === 1);
  held.resolve();
  await refused;
  await until('its return', async () => (await reservations())[0]?.spent === 0);
  expect(model.asked).toEqual([]);
  const { rows } = await owner.query('SELECT status, credit FROM agents.run');
  expect(rows).toEqual([{ status: 'cancelled', credit: 'refused' }]);
});

test('a charge that fails while the first call is reserved holds nothing up, and is made up for later', async () => {
  await open(1);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const answered = say();
  await until('the reservation', async () => (await reservations()).length === 1);
  held.reject(new ProblemError('service_unavailable', 'The books are away.'));
  expect((await answered).status).toBe(200);
  expect([model.asked.length, (await owed())[0]?.credit, await reservations()]).toEqual([
    ...[1, 'due', [{ spent: expect.any(Number) }]],
  ]);
  Books.open = Promise.resolve();
  await credits.collect(SOON, 10);
  expect([Books.keys.length, (await owed())[0]?.credit]).toEqual([1, 'charged']);
});

test('a refusal that cannot be written down leaves a message that is answered once, its credit waived', async () => {
  await open(0);
  const held = Promise.withResolvers<void>();
  Books.open = held.promise;
  const refused = expect(say({}, 'unwritten')).rejects.toMatchObject({ code: 'service_unavailable' });
  await until('the reservation', async () => (await reservations()).length === 1);
  await owner.query(`
    CREATE FUNCTION agents.go_away() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE 'the database is going down' USING ERRCODE = '57P01'; END $$;
    CREATE TRIGGER go_away BEFORE UPDATE ON agents.run FOR EACH ROW WHEN (NEW.status = 'cancelled')
      EXECUTE FUNCTION agents.go_away()`);
  held.resolve();
  await refused;
  await owner.query('DROP FUNCTION agents.go_away() CASCADE');
  expect(model.asked).toEqual([]);
  expect((await say({}, 'unwritten')).status).toBe(200);
  expect(model.asked).toHaveLength(1);
  await credits.collect(SOON, 10);
  expect(await owed()).toMatchObject([{ credit: 'waived' }]);
  expect((await reservations()).filter(({ spent }) => spent === null)).toEqual([]);
});
