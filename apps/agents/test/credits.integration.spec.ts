import { agents, identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import {
  Caller,
  connectNats,
  Handles,
  jsonAnswer,
  type NatsConnection,
  type PublicRequest,
} from '@magistry/messaging';
import {
  createTestDatabase,
  type RunningService,
  required,
  startController,
  type TestDatabase,
} from '@magistry/testing';
import { Controller } from '@nestjs/common';
import pg from 'pg';
import { Clock } from '../src/domain/clock.js';
import { Credits } from '../src/messages/credits.js';
import { CreditStore } from '../src/storage/credit-store.js';
import { Database } from '../src/storage/database.js';
import { type RunningProcess, startProcess } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { until } from './until.fixture.js';

const SOON = new Date(Date.now() + 60_000);

/** Stands in for identity's books: counts a key once, up to a limit. */
@Controller()
class Books {
  static keys: string[] = [];
  static limit = 0;
  /** Held up until this resolves. */
  static open = Promise.resolve();

  @Handles(identity.recordUsage)
  async recordUsage({ context }: PublicRequest<typeof identity.recordUsage>) {
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
  nats = await connectNats({ url: required('MAGISTRY_TEST_NATS_URL'), service: 'agents' });
  credits = new Credits(new Caller(nats), new CreditStore(storage), new Clock(Date.now));
  owner = new pg.Client({ connectionString: database.adminUrl });
  await owner.connect();
  model = await ChatModel.start(() => 'Hello yourself');
  running = await startProcess(database.url, { model: { name: 'outside', baseUrl: model.baseUrl } });
});
afterEach(async () => {
  await books?.stop();
  books = undefined;
  await owner.query('DELETE FROM agents.cost_entry; DELETE FROM agents.run_event; DELETE FROM agents.run');
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
  Books.limit = limit;
  Books.open = Promise.resolve();
  model.asked.length = 0;
  books = await startController('identity', Books, []);
}
const say = () => running.send(agents.sendMessage, { body: { content: 'Hello' } });
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
