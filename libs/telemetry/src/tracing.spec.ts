import { type CollectedSpan, TraceCollector } from '@magistry/testing';
import { pino } from 'pino';
import { z } from 'zod';
import { telemetryVariables } from './settings.js';
import { startTraceExport } from './trace-export.js';
import { isTraced, recordSpan, startSpan } from './tracing.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SAMPLED = `00-${TRACE}-00f067aa0ba902b7-01`;
const UNSAMPLED = `00-${TRACE}-00f067aa0ba902b7-00`;

let collector: TraceCollector;
let end: () => Promise<void>;
const logged: string[] = [];
const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });

function start(overrides: Record<string, string> = {}): void {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const settings = z.object(telemetryVariables).parse({ ...endpoint, ...overrides });
  end = startTraceExport('decisions', settings, logger);
}

async function collected(): Promise<CollectedSpan[]> {
  await end();
  return collector.spans;
}

beforeEach(async () => {
  collector = await TraceCollector.start();
  logged.length = 0;
});
afterEach(async () => {
  await end();
  await collector.stop();
});

test('nothing is traced without a collector', () => {
  end = startTraceExport('decisions', z.object(telemetryVariables).parse({}), logger);
  expect(startSpan('decisions.append', { traceparent: SAMPLED })).toBeUndefined();
  expect(isTraced(SAMPLED)).toBe(false);
});

test("a client's trace goes on, and what is called goes on with it", async () => {
  start();
  const outer = startSpan('gateway POST /v1/x', { kind: 'server', traceparent: SAMPLED });
  const inner = startSpan('planner.propose', { kind: 'client', traceparent: outer?.traceparent });
  inner?.end('ok');
  outer?.end('ok', { 'http.response.status_code': 200 });
  const [first, second] = await collected();
  expect(second).toMatchObject({
    service: 'decisions',
    traceId: TRACE,
    parentSpanId: '00f067aa0ba902b7',
    name: 'gateway POST /v1/x',
    kind: 2,
    attributes: { 'magistry.outcome': 'ok', 'http.response.status_code': '200' },
    isError: false,
  });
  expect(first).toMatchObject({ traceId: TRACE, parentSpanId: second?.spanId, kind: 3 });
});

test('without a usable traceparent a trace begins, and says so', async () => {
  start();
  for (const traceparent of [undefined, 'junk', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]) {
    const span = startSpan('gateway GET /v1/x', { traceparent });
    expect(span?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    span?.end('ok');
  }
  expect((await collected()).map(({ parentSpanId }) => parentSpanId)).toEqual(['', '', '']);
});

test('an unsampled trace stays unsampled, under its own id', async () => {
  start();
  const span = startSpan('decisions.append', { traceparent: UNSAMPLED });
  expect(span?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  span?.end('ok');
  expect(await collected()).toEqual([]);
});

test.each([
  ['always_off', SAMPLED, 0],
  ['parentbased_always_off', SAMPLED, 1],
  ['parentbased_always_off', undefined, 0],
  ['parentbased_traceidratio', undefined, 0],
  ['traceidratio', SAMPLED, 0],
  ['always_on', UNSAMPLED, 1],
])('sampler %s with parent %s keeps %i', async (sampler, traceparent, count) => {
  start({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0' });
  startSpan('decisions.append', { traceparent })?.end('ok');
  expect(await collected()).toHaveLength(count);
});

test('a failure of ours is an error; a refusal is an outcome like any other', async () => {
  start();
  startSpan('decisions.append', {})?.end('server_error');
  startSpan('decisions.append', {})?.end('already_reversed');
  const spans = await collected();
  expect(spans.map(({ isError, attributes }) => [attributes['magistry.outcome'], isError])).toEqual([
    ['server_error', true],
    ['already_reversed', false],
  ]);
});

test('a span ends once', async () => {
  start();
  const span = startSpan('decisions.append', {});
  span?.end('ok');
  span?.end('aborted');
  expect(await collected()).toMatchObject([{ attributes: { 'magistry.outcome': 'ok' } }]);
});

const done = {
  ...{ name: 'chat m', spanId: 'a1b2c3d4e5f60718', kind: 'client' as const },
  ...{ attributes: { 'gen_ai.operation.name': 'chat' }, startUnixMs: 1_700_000_000_000 },
  endUnixMs: 1_700_000_002_500,
};

test('work that is done has the id, the parent and the times that it is recorded with', async () => {
  start();
  recordSpan({ ...done, traceparent: SAMPLED });
  recordSpan({ ...done, spanId: 'b1b2c3d4e5f60718', traceparent: SAMPLED, error: 'tool_error' });
  startSpan('decisions.append', { traceparent: SAMPLED })?.end('ok');
  const [recorded, failed, other] = await collected();
  expect(recorded).toMatchObject({
    ...{ traceId: TRACE, spanId: 'a1b2c3d4e5f60718', parentSpanId: '00f067aa0ba902b7', kind: 3 },
    ...{ startNanos: 1_700_000_000_000_000_000n, endNanos: 1_700_000_002_500_000_000n, isError: false },
  });
  expect(failed).toMatchObject({ isError: true, attributes: { 'error.type': 'tool_error' } });
  expect(other?.spanId).not.toMatch(/b2c3d4e5f60718$/);
});

test.each([UNSAMPLED, 'junk', ''])(
  'work of the trace %j is not recorded, and gives its id to no span',
  async (traceparent) => {
    start();
    recordSpan({ ...done, traceparent });
    startSpan('decisions.append', {})?.end('ok');
    expect((await collected()).map(({ spanId }) => spanId)).toEqual([expect.not.stringMatching(done.spanId)]);
  },
);

test('a collector that hangs holds up neither the work nor, beyond two seconds, the stop', async () => {
  collector.isHanging = true;
  start();
  const beganAt = performance.now();
  for (let count = 0; count < 10_000; count += 1) startSpan('decisions.append', {})?.end('ok');
  expect(performance.now() - beganAt).toBeLessThan(2_000);
  const stoppedAt = performance.now();
  await end();
  expect(performance.now() - stoppedAt).toBeLessThan(3_000);
});

test('spans that nobody takes are dropped, and the log says so', async () => {
  start();
  await collector.stop();
  startSpan('decisions.append', {})?.end('ok');
  await end();
  expect(logged.join('')).toContain('spans could not be sent');
  collector = await TraceCollector.start();
});
