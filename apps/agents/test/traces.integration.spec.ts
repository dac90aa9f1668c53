import { randomBytes } from 'node:crypto';
import { agents } from '@magistry/contracts';
import { startTelemetry, type Telemetry, telemetryVariables } from '@magistry/telemetry';
import { createTestDatabase, type TestDatabase, TraceCollector } from '@magistry/testing';
import pg from 'pg';
import { pino } from 'pino';
import { z } from 'zod';
import type { AgentTool } from '../src/tools/agent-tool.js';
import { eventsOf, startProcess } from './agents.fixture.js';

let collector: TraceCollector;
let telemetry: Telemetry;
let database: TestDatabase;

beforeAll(async () => {
  collector = await TraceCollector.start();
  const settings = z.object(telemetryVariables).parse({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  telemetry = await startTelemetry('agents', settings, pino({ level: 'silent' }));
  database = await createTestDatabase('agents');
});
afterAll(async () => {
  await telemetry.stop();
  await collector.stop();
  await database.drop();
});

const definition = agents.agentDefinition.parse({
  ...{ slug: 'host', title: 'Host', description: 'Receives guests.', tools: ['book_seat'] },
  payload_schema: { type: 'object', required: ['guest'], properties: { guest: { type: 'string' } } },
  output_schema: { type: 'object', required: ['seat'], properties: { seat: { type: 'string' } } },
});

function bookSeat(execute: AgentTool['execute']): AgentTool {
  const inputSchema = { type: 'object', required: ['guest'], properties: { guest: { type: 'string' } } };
  return { name: 'book_seat', description: 'Books a seat.', scope: null, inputSchema, execute };
}

function newTrace(flags: '00' | '01') {
  const traceId = randomBytes(16).toString('hex');
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}` };
}

async function gathered(traceId: string, count: number) {
  for (const startedAt = performance.now(); performance.now() - startedAt < 8_000; ) {
    const spans = ofRuns(traceId);
    if (spans.length >= count) return spans;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`of ${count} spans came ${ofRuns(traceId).map(({ name }) => name)}`);
}

function ofRuns(traceId: string) {
  return collector.ofTrace(traceId).filter(({ attributes }) => 'magistry.run.id' in attributes);
}

test('a run that changes hands goes on in the trace of its request, with each span once', async () => {
  const { traceId, traceparent } = newTrace('01');
  let begun = () => {};
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const hangs = bookSeat((_, { signal }) => {
    begun();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const leaving = new AbortController();
  const options = { shippedAgents: [definition], leaving: leaving.signal };
  const first = await startProcess(database.url, { ...options, tools: [hangs] });
  const request = { params: { slug: 'host' }, body: { payload: { guest: 'Ada' } }, traceparent };
  void first.send(agents.runAgent, request).catch(() => undefined);
  await isBegun;
  const given: string[] = [];
  const books = bookSeat(async (_, context) => {
    given.push(context.traceparent);
    return { seat: 'A1' };
  });
  const second = await startProcess(database.url, { shippedAgents: [definition], tools: [books] });
  const { json } = await second.send(agents.listRuns, {});
  const runId = (json as { data: { run_id: string }[] }).data[0]?.run_id ?? '';
  leaving.abort();
  await first.stop();
  const spans = await gathered(traceId, 4);
  const names = ['chat magistry-rules', 'chat magistry-rules', 'execute_tool book_seat', 'invoke_agent host'];
  expect(spans.map(({ name }) => name).sort()).toEqual(names);
  const logged = new Set((await eventsOf(second, runId)).map(({ span_id }) => span_id));
  expect(new Set(spans.map(({ spanId }) => spanId))).toEqual(logged);
  expect(spans.map(({ isError }) => isError)).toEqual([false, false, false, false]);
  const tool = spans.find(({ name }) => name.startsWith('execute_tool'));
  expect(given).toEqual([`00-${traceId}-${tool?.spanId}-01`]);
  await second.stop();
});

test('a failed tool marks its span; a trace that is not sampled gets none', async () => {
  const fails = bookSeat(async () => {
    throw new Error('no seat is left');
  });
  const running = await startProcess(database.url, { shippedAgents: [definition], tools: [fails] });
  const [kept, unkept] = [newTrace('01'), newTrace('00')];
  for (const { traceparent } of [unkept, kept]) {
    const request = { params: { slug: 'host' }, body: { payload: { guest: 'Ada' } }, traceparent };
    await running.send(agents.runAgent, request).catch(() => undefined);
  }
  const spans = await gathered(kept.traceId, 3);
  const tool = spans.find(({ name }) => name === 'execute_tool book_seat');
  expect(tool).toMatchObject({ isError: true, attributes: { 'error.type': 'tool_error' } });
  expect(ofRuns(unkept.traceId)).toEqual([]);
  await running.stop();
});

test('metrics count each run and tool once, and cost what the ledger has', async () => {
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  const { rows } = await admin.query(
    `SELECT sum(spent_micros)::int4 AS micros, sum(prompt_tokens)::int4 AS prompt FROM agents.cost_entry`,
  );
  await admin.end();
  const page = await (await fetch(`${telemetry.url}/metrics`)).text();
  const amountOf = (sample: string) =>
    Number(
      page
        .split('\n')
        .find((line) => line.startsWith(`magistry_agent_${sample}`))
        ?.split(' ')
        .at(-1),
    );
  expect(amountOf('runs_begun_total{kind="main"')).toBe(3);
  expect(amountOf('takeovers_total')).toBe(1);
  expect(amountOf('runs_ended_total{kind="main",outcome="success"')).toBe(3);
  expect(amountOf('runs_in_flight')).toBe(0);
  expect(amountOf('tool_calls_total{outcome="ok"')).toBe(1);
  expect(amountOf('tool_calls_total{outcome="failed"')).toBe(2);
  expect(amountOf('cost_micros_total')).toBe(rows[0].micros);
  expect(amountOf('tokens_total{kind="prompt"')).toBe(rows[0].prompt);
  expect(amountOf('first_chunk_delay_seconds_count')).toBe(6);
  expect(amountOf('events_read_total')).toBeGreaterThan(0);
});
