import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { agents } from '@magistry/contracts';
import { BreakableLink, createTestDatabase, type TestDatabase } from '@magistry/testing';
import pg from 'pg';
import { RUNNER_OPTIONS } from '../src/runner/runner.js';
import { type RunningProcess, startProcess } from './agents.fixture.js';
import { until } from './until.fixture.js';

const MIB = 1024 * 1024;
const FROZEN_MS = 4_000;
/** Each says nearly as much as an answer may be long. */
const SPEAKERS = 30;
const WORDS = 2_400;
const WORD_BYTES = 100;
/** All that they say is 60 MiB as events that wait; up to 21 were seen, of 256 events each and what sockets hold. */
const GROWTH_BYTES_MAX = 36 * MIB;
const NEW_RUNS = 300;
const END_MS_MAX = 60_000;

const talker = agents.agentDefinition.parse({
  ...{ slug: 'talker', title: 'Talker', description: 'Says what the model says.', time_limit_s: 300 },
});

const wordOf = (index: number) => `${index} `.padEnd(WORD_BYTES, '.');
const SPEECH = Array.from({ length: WORDS }, (_, index) => wordOf(index)).join('');

/** A model that says one word, and of a speech the others as fast as they are taken once it is let go. */
class Speaker {
  begun = 0;
  letGo = () => {};
  private readonly isLetGo = new Promise<void>((resolve) => {
    this.letGo = resolve;
  });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Speaker> {
    const server = createServer();
    const speaker = new Speaker(server);
    server.on('request', async (request, response: ServerResponse) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.on('error', () => undefined);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const words = body.includes('speech') ? WORDS : 1;
      if (words > 1) speaker.begun += 1;
      for (let index = 0; index < words && !response.destroyed; index += 1) {
        if (index > 0) await speaker.isLetGo;
        const delta = { content: wordOf(index) };
        if (!tell(response, { choices: [{ index: 0, delta, finish_reason: null }] }))
          await new Promise((resolve) => response.once('drain', resolve));
      }
      tell(response, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      tell(response, { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
      response.end('data: [DONE]\n\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return speaker;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

function tell(response: ServerResponse, part: object): boolean {
  return response.write(`data: ${JSON.stringify({ id: '1', ...part })}\n\n`);
}

let database: TestDatabase;
let link: BreakableLink;
let model: Speaker;
let running: RunningProcess;
let owner: pg.Client;
let collectGarbage: () => void;

beforeAll(async () => {
  setFlagsFromString('--expose-gc');
  collectGarbage = runInNewContext('gc');
  database = await createTestDatabase('agents');
  link = await BreakableLink.to(database.url);
  model = await Speaker.start();
  running = await startProcess(link.url, {
    shippedAgents: [talker],
    model: { name: 'speaker', baseUrl: model.baseUrl },
    runnerOptions: RUNNER_OPTIONS,
  });
  owner = new pg.Client({ connectionString: database.adminUrl, options: '-c search_path=agents' });
  await owner.connect();
});
afterAll(async () => {
  // Runs that met the frozen database are faults of the moment, and gone on with.
  for (const fault of running.faults) expect(fault).toMatchObject({ code: 'service_unavailable' });
  await running.abandon();
  await owner.end();
  model.stop();
  link.close();
  await database.drop();
});

async function heapBytes(): Promise<number> {
  collectGarbage();
  await pause(0);
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

interface Outcome {
  readonly told: unknown;
  readonly tookMs: number;
}

async function run(index: number): Promise<Outcome> {
  const startedAt = performance.now();
  const request = { params: { slug: talker.slug }, body: { payload: { question: `new ${index}` } } };
  const told = await running.send(agents.runAgent, { ...request, idempotencyKey: `new-${index}` }).then(
    ({ status }) => status,
    ({ code }) => code,
  );
  return { told, tookMs: performance.now() - startedAt };
}

const open = new Set(Array.from({ length: NEW_RUNS }, (_, index) => index));

/** Those that have no answer yet, each under its key. */
function runAll(): Promise<Outcome[]> {
  return Promise.all(
    [...open].map(async (index) => {
      const outcome = await run(index);
      if (outcome.told === 200) open.delete(index);
      return outcome;
    }),
  );
}

async function retryAll(): Promise<boolean> {
  await runAll();
  return open.size === 0;
}

async function statuses(kind: string): Promise<Record<string, number>> {
  const text = `SELECT coalesce(outcome -> 'error' ->> 'message', status) AS status, count(*)::int4 AS count
    FROM run WHERE kind = $1 GROUP BY 1`;
  const { rows } = await owner.query<{ status: string; count: number }>(text, [kind]);
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

test('while Postgres is frozen memory is bounded and refusals are clear, and behind it nothing is lost', async () => {
  for (let index = 0; index < SPEAKERS; index += 1)
    await running.send(agents.sendMessage, {
      body: { content: `speech ${index}`, agent: talker.slug, stream: true },
    });
  await until('all speak', () => model.begun === SPEAKERS);
  const before = await heapBytes();
  link.freeze();
  model.letGo();
  const frozenAt = performance.now();
  const asked = runAll();
  await pause(FROZEN_MS);
  const growth = (await heapBytes()) - before;
  link.thaw();
  const outcomes = await asked;
  const refused = outcomes.filter(({ told }) => told !== 200);
  const slowestMs = Math.max(...outcomes.map(({ tookMs }) => tookMs));
  process.stdout.write(
    `    frozen for ${Math.round(performance.now() - frozenAt)} ms: ${(growth / MIB).toFixed(1)} MiB more, ` +
      `${refused.length} of ${NEW_RUNS} refused, the slowest in ${Math.round(slowestMs)} ms\n`,
  );
  expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  expect(refused.length).toBeGreaterThan(NEW_RUNS / 2);
  for (const { told } of refused) expect(['service_unavailable', 'timeout']).toContain(told);
  await until('an answer to each', retryAll, END_MS_MAX);
  await until('the end of all', async () => (await statuses('message'))['running'] === undefined, END_MS_MAX);
  expect([await statuses('message'), await statuses('main')]).toEqual([
    { success: SPEAKERS },
    { success: NEW_RUNS },
  ]);
  const { rows } = await owner.query(
    `SELECT string_agg(event ->> 'delta', '' ORDER BY run_event.sequence) AS told,
       count(*) = max(run_event.sequence) AS "isDense"
     FROM run JOIN run_event ON run.workspace_id = run_event.workspace_id AND run.id = run_id
     WHERE kind = 'message' GROUP BY run_id`,
  );
  expect(rows.map(({ told, isDense }) => [told === SPEECH, isDense])).toEqual(rows.map(() => [true, true]));
}, 150_000);
