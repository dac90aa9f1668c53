import { agents } from '@magistry/contracts';
import { createTestDatabase, type TestDatabase } from '@magistry/testing';
import { type RunningProcess, startProcess } from './agents.fixture.js';
import { ChatModel } from './chat-model.fixture.js';
import { until } from './until.fixture.js';

const free = Promise.withResolvers<void>();
let database: TestDatabase;
let model: ChatModel;
let running: RunningProcess;

beforeAll(async () => {
  database = await createTestDatabase('agents');
  model = await ChatModel.start(() => free.promise.then(() => 'Here I am.'));
  running = await startProcess(database.url, { model: { name: 'outside', baseUrl: model.baseUrl } });
});
afterAll(async () => {
  await running.stop();
  model.stop();
  await database.drop();
});

/** A gateway's request has 65 s. */
const DEADLINE_MS = 3_000;
const MESSAGE = { body: { content: 'Hello', session_id: 'slow' }, deadlineMs: DEADLINE_MS };
const say = () => running.send(agents.sendMessage, MESSAGE);

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly content: string | null;
}

async function listed(): Promise<Listed[]> {
  const { json } = await running.send(agents.listMessages, { query: 'session_id=slow' });
  return (json as { data: Listed[] }).data;
}

test('who has waited as long as a request may is told timeout and where to look; the message is answered', async () => {
  const refused = await say().catch((error: unknown) => error);
  const [message] = await listed();
  expect([refused, message?.status]).toMatchObject([
    {
      code: 'timeout',
      message: `The agent did not answer in time. It goes on; see /api/v1/messages/${message?.id}/events.`,
    },
    'running',
  ]);
  free.resolve();
  await until('its answer', async () => (await listed())[0]?.status === 'success');
  expect(await listed()).toMatchObject([{ id: message?.id, content: 'Here I am.' }]);
});
