import { randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  agents,
  IdempotencySchema,
  PatienceSchema,
  type PublicOperation,
  RequestContextSchema,
  type Success,
  WorkspaceSchema,
} from '@magistry/contracts';
import { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import { connectTestNats } from '@magistry/testing';
import pg from 'pg';
import { type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { until } from './until.fixture.js';

const WAIT_MS = 200;
const DEADLINE_MS = 20_000;

interface Asking {
  readonly name?: string;
  readonly isRepeated?: boolean;
  readonly key?: string;
  readonly requestId?: string;
  readonly deadlineMs?: number;
}

let model: ChatModel;
let running: RunningAgents;
let owner: pg.Client;
let caller: Caller;
/** While it is set, no model call is answered. */
let held = Promise.resolve();

beforeAll(async () => {
  model = await ChatModel.start(() => held.then(() => 'Hello yourself'));
  running = await startAgents({ model: { name: 'outside', baseUrl: model.baseUrl } });
  owner = new pg.Client({ connectionString: running.adminUrl, options: '-c search_path=agents' });
  await owner.connect();
  caller = new Caller(await connectTestNats('gateway'));
});
beforeEach(() => owner.query('TRUNCATE cost_entry, run_event, run CASCADE'));
afterAll(async () => {
  await owner.end();
  await running.stop();
  model.stop();
});

/** As the gateway asks, with patience where the asking has a name. */
function ask(operation: PublicOperation, body: object, asking: Asking): Promise<Success> {
  const { name, isRepeated = false, key, requestId = 'req_one', deadlineMs = DEADLINE_MS } = asking;
  const context = create(RequestContextSchema, {
    ...systemContext('test', { deadlineMs }),
    requestId,
    workspace: create(WorkspaceSchema, { id: WORKSPACE_ID, slug: 'w', tier: 'enterprise' }),
    ...(name !== undefined && { patience: create(PatienceSchema, { name, isRepeated, waitMs: WAIT_MS }) }),
    ...(key !== undefined && {
      idempotency: create(IdempotencySchema, { key, fingerprint: Buffer.alloc(64) }),
    }),
  });
  const params: Record<string, string> = operation === agents.runAgent ? { slug: 'catalog-assistant' } : {};
  return caller.forward(operation, { params, query: '', body: Buffer.from(JSON.stringify(body)) }, context);
}

const say = (asking: Asking) => ask(agents.sendMessage, { content: 'Hello' }, asking);
const run = (asking: Asking) => ask(agents.runAgent, { payload: {} }, asking);

async function runsKept(): Promise<number> {
  return (await owner.query('SELECT count(*)::int4 AS count FROM run')).rows[0].count;
}

/** Nothing is answered by the model until the release. */
function hold(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  held = promise;
  return resolve;
}

test.each([
  ['a message', say],
  ['a run', run],
])('%s that goes on is pending, and asked for again it is answered once it has ended', async (_, send) => {
  const name = randomUUID();
  const release = hold();
  expect(await send({ name })).toMatchObject({ isPending: true });
  expect(await send({ name, isRepeated: true })).toMatchObject({ isPending: true });
  release();
  const answered = await send({ name, isRepeated: true });
  expect(answered).toMatchObject({ status: 200, isPending: false, headers: {} });
  expect(Buffer.from(answered.body).toString()).toContain('Hello yourself');
  expect(await runsKept()).toBe(1);
});

test('what nobody has begun yet begins when it is asked for again', async () => {
  expect(await say({ name: randomUUID(), isRepeated: true })).toMatchObject({
    status: 200,
    isPending: false,
  });
  expect(await runsKept()).toBe(1);
});

test('askings of one request that overtake each other begin one run', async () => {
  const name = randomUUID();
  const askings = Array.from({ length: 6 }, (_, index) => run({ name, isRepeated: index > 0 }));
  const answers = await Promise.all(askings);
  expect(new Set(answers.map(({ body }) => Buffer.from(body).toString())).size).toBe(1);
  expect(await runsKept()).toBe(1);
});

test('requests without a key are runs of their own, whoever says the same', async () => {
  await Promise.all([run({ name: randomUUID() }), run({ name: randomUUID() })]);
  expect(await runsKept()).toBe(2);
});

test("what was asked for twice is no replay to its client, and a client's own retry is", async () => {
  const key = 'kept';
  await say({ name: randomUUID(), key });
  const again = await say({ name: randomUUID(), key, isRepeated: true });
  const retried = await say({ name: randomUUID(), key, requestId: 'req_two' });
  expect(again.headers).toEqual({});
  expect(retried.headers).toMatchObject({ 'Idempotent-Replayed': 'true' });
  expect([retried.body, await runsKept()]).toEqual([again.body, 1]);
});

test('at the deadline who asks is told that the message goes on, and where', async () => {
  const release = hold();
  const asked = say({ name: randomUUID(), deadlineMs: 1_100 });
  await expect(asked).rejects.toMatchObject({ code: 'timeout', message: /goes on; see .*msg_/ });
  release();
  await until(
    'the end',
    async () => (await owner.query('SELECT status FROM run')).rows[0].status === 'success',
  );
});

test('who asks without patience waits for the answer itself', async () => {
  const release = hold();
  const asked = run({});
  await until('the run', async () => (await runsKept()) === 1);
  await new Promise((resolve) => setTimeout(resolve, 2 * WAIT_MS));
  release();
  expect(await asked).toMatchObject({ status: 200, isPending: false });
});
