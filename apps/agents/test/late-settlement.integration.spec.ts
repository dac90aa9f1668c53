import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { agents } from '@magistry/contracts';
import pg from 'pg';
import { type RunningAgents, startAgents, WORKSPACE_ID } from './agents.fixture.js';
import { until } from './until.fixture.js';

const USAGE = { prompt_tokens: 10, completion_tokens: 5 };
/** For a commit that nobody is told of to have been refused. */
const COMMIT_MS = 200;

/** A model that says what the test has it say, when the test has it say it. */
class DictatedModel {
  private answer: ServerResponse | undefined;
  isLeft = false;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<DictatedModel> {
    const server = createServer();
    const model = new DictatedModel(server);
    server.on('request', (request, response: ServerResponse) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.on('close', () => {
        model.isLeft = true;
      });
      model.isLeft = false;
      model.answer = response;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async untilAsked(): Promise<void> {
    await until('a call of the model', () => this.answer !== undefined);
  }

  says(content: string): void {
    this.chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  }

  finishes(): void {
    this.chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    this.chunk({ choices: [], usage: USAGE });
    this.answer?.end('data: [DONE]\n\n');
    this.answer = undefined;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private chunk(part: object): void {
    this.answer?.write(`data: ${JSON.stringify({ id: '1', ...part })}\n\n`);
  }
}

let model: DictatedModel;
let running: RunningAgents;
let owner: pg.Client;

beforeAll(async () => {
  model = await DictatedModel.start();
  running = await startAgents({
    model: { baseUrl: model.baseUrl, name: 'dictated' },
    // Long enough that the executing process learns of the end by its own commits alone.
    runnerOptions: { leaseMs: 60_000, lookEveryMs: 100, runsMax: 16 },
  });
  owner = new pg.Client({ connectionString: running.adminUrl });
  await owner.connect();
  await owner.query('SET search_path = agents');
});
afterEach(() => owner.query('TRUNCATE run, run_event, cost_entry CASCADE'));
afterAll(async () => {
  model.stop();
  await owner.end();
  await running.stop();
});

/** A message whose model has begun to speak, and that another process has cancelled without a word. */
async function cancelledInItsWords(): Promise<void> {
  await running.send(agents.sendMessage, { body: { content: 'Tell', stream: true } });
  await model.untilAsked();
  model.says('One ');
  await until('the first word', async () => (await entries('text')) > 0);
  await owner.query(
    `UPDATE run SET status = 'cancelled', ended_at = now(), epoch = epoch + 1,
       outcome = '{"error":{"code":"cancelled","message":"The run was cancelled."}}' WHERE workspace_id = $1`,
    [WORKSPACE_ID],
  );
}

async function entries(kind: string): Promise<number> {
  const text = `SELECT count(*)::int4 AS entries FROM run_event WHERE event ->> 'kind' = $1`;
  return (await owner.query(text, [kind])).rows[0].entries;
}

async function settled() {
  const text = `SELECT prompt_tokens, completion_tokens, spent_micros FROM cost_entry WHERE spent_micros IS NOT NULL`;
  await until('the settlement', async () => (await owner.query(text)).rows.length > 0);
  return (await owner.query(text)).rows[0];
}

test('an answer that comes behind its cancellation is in no log, and is paid to the token', async () => {
  await cancelledInItsWords();
  model.finishes();
  expect(await settled()).toMatchObject(USAGE);
  expect(await entries('model-answered')).toBe(0);
});

test('so is one that comes when its words were refused already', async () => {
  await cancelledInItsWords();
  model.says('two ');
  await pause(COMMIT_MS);
  model.finishes();
  expect(await settled()).toMatchObject(USAGE);
  expect([await entries('text'), await entries('model-answered')]).toEqual([1, 0]);
});

test('a model that speaks on behind the cancellation is left, and what was heard of it is paid', async () => {
  await cancelledInItsWords();
  model.says('two ');
  await pause(COMMIT_MS);
  model.says('three ');
  expect((await settled()).completion_tokens).toBeGreaterThan(0);
  await until('the end of the call', () => model.isLeft);
  expect(await entries('text')).toBe(1);
  model.finishes();
});
