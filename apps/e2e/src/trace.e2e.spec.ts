import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CollectedSpan, required, TraceCollector } from '@magistry/testing';
import { eventually } from './eventually.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const EXPORT_MS_MAX = 10_000;
const SERVER = 2;
const CLIENT = 3;

const system = systemUnderTest();
let collector: TraceCollector;
let workspaces: Workspaces;
let workspace: TestWorkspace;

beforeAll(async () => {
  collector = await TraceCollector.start(Number(required('MAGISTRY_TEST_COLLECTOR_PORT')));
  workspaces = await Workspaces.open(system);
  workspace = await workspaces.createOpen();
});
afterAll(async () => {
  await workspaces.close();
  await collector.stop();
});

interface Traced {
  readonly traceId: string;
  readonly parentSpanId: string;
  readonly traceparent: string;
}

function newTrace(flags: '00' | '01'): Traced {
  const traceId = randomBytes(16).toString('hex');
  const parentSpanId = randomBytes(8).toString('hex');
  return { traceId, parentSpanId, traceparent: `00-${traceId}-${parentSpanId}-${flags}` };
}

const proposal = { action: 'PRICE_CHANGE', sku: 'traced', delta_eur: -6, evidence_tier: 'A' };

/** The trace's only span with this name and kind. */
function only(spans: readonly CollectedSpan[], name: string, kind?: number): CollectedSpan {
  const found = spans.filter((span) => span.name === name && (kind === undefined || span.kind === kind));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} spans ${name} of kind ${kind}`);
  return found[0];
}

test('one proposal is one trace: gateway, planner, decisions and commit, each below its caller', async () => {
  const { traceId, parentSpanId, traceparent } = newTrace('01');
  const { status } = await workspace.client.propose(proposal, { traceparent });
  expect(status).toBe(200);
  await eventually(EXPORT_MS_MAX, () => {
    const spans = collector.ofTrace(traceId);
    const gateway = only(spans, 'gateway POST /v1/planner/propose');
    const asked = only(spans, 'planner.propose', CLIENT);
    const planner = only(spans, 'planner.propose', SERVER);
    const appended = only(spans, 'decisions.append', CLIENT);
    const decisions = only(spans, 'decisions.append', SERVER);
    const commit = only(spans, 'decisions.commit');
    const chain = [gateway, asked, planner, appended, decisions, commit];
    expect(chain.map((span) => span.parentSpanId)).toEqual([
      parentSpanId,
      ...chain.slice(0, -1).map((span) => span.spanId),
    ]);
    const services = ['gateway', 'gateway', 'planner', 'planner', 'decisions', 'decisions'];
    expect(chain.map((span) => span.service)).toEqual(services);
    expect(chain.map((span) => span.isError)).toEqual(chain.map(() => false));
    expect(commit.startNanos).toBeGreaterThanOrEqual(decisions.startNanos - 2_000_000n);
  });
});

interface LogLine {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly span_id: string;
  readonly parent_span_id?: string;
}

async function logOf(runId: string): Promise<LogLine[]> {
  const { text } = await workspace.client.get(`/api/v1/runs/${runId}/logs`);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('a run is one trace: each span of its log and its sub-agent, from the gateway to the model call', async () => {
  const { traceId, traceparent } = newTrace('01');
  const path = '/api/v1/agents/offer-orchestrator-mag/run';
  const answer = await workspace.client.write(
    'POST',
    path,
    { payload: { role: 'Engineer' } },
    { traceparent },
  );
  const above = await logOf(String(answer.json['run_id']));
  const delegation = above.find(({ event }) => event === 'delegation');
  const below = await logOf(String(delegation?.data['run_id']));
  await eventually(EXPORT_MS_MAX, () => {
    const spans = collector.ofTrace(traceId);
    const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
    const [root] = above;
    const asked = only(spans, 'agents.run-agent', SERVER);
    expect(parents.get(root?.span_id ?? '')).toBe(asked.spanId);
    expect(parents.get(asked.spanId)).toBe(only(spans, 'agents.run-agent', CLIENT).spanId);
    for (const { span_id, parent_span_id } of [...above.slice(1), ...below]) {
      if (span_id !== root?.span_id)
        expect([span_id, parents.get(span_id)]).toEqual([span_id, parent_span_id]);
    }
    const ofRuns = spans.filter(({ attributes }) => 'gen_ai.operation.name' in attributes);
    expect(ofRuns.map(({ name }) => name).sort()).toEqual([
      ...Array(4).fill('chat magistry-rules'),
      ...['execute_tool ask_compensation_advisor_sag', 'execute_tool salary_band'],
      ...['invoke_agent compensation-advisor-sag', 'invoke_agent offer-orchestrator-mag'],
    ]);
    expect(new Set(ofRuns.map(({ spanId }) => spanId)).size).toBe(ofRuns.length);
  });
});

test('commands that commit together each have the commit in their own trace, linked to the batch', async () => {
  const traces = Array.from({ length: 32 }, () => newTrace('01'));
  const answers = await Promise.all(
    traces.map(({ traceparent }) => workspace.client.propose(proposal, { traceparent })),
  );
  expect(answers.map(({ status }) => status)).toEqual(traces.map(() => 200));
  const commits = await eventually(EXPORT_MS_MAX, () =>
    traces.map(({ traceId }) => only(collector.ofTrace(traceId), 'decisions.commit')),
  );
  const together = commits.filter(({ attributes }) => Number(attributes['magistry.batch.commands']) > 1);
  expect(together.length).toBeGreaterThan(1);
  const batches = new Set(commits.map(({ spanId }) => spanId));
  for (const { attributes, links } of together) {
    const toOthers = links.length === Number(attributes['magistry.batch.commands']) - 1;
    const toBatch = links.length === 1 && batches.has(links[0]?.spanId ?? '');
    expect(toOthers || toBatch).toBe(true);
  }
});

test('a trace that its client does not sample leaves no span, and its id is in the log', async () => {
  const unsampled = newTrace('00');
  const sampled = newTrace('01');
  await workspace.client.propose(proposal, { traceparent: unsampled.traceparent });
  await workspace.client.propose(proposal, { traceparent: sampled.traceparent });
  await eventually(EXPORT_MS_MAX, () => only(collector.ofTrace(sampled.traceId), 'decisions.commit'));
  expect(collector.ofTrace(unsampled.traceId)).toEqual([]);
  const log = readFileSync(join(system.home, 'logs', 'gateway.log'), 'utf8');
  expect(log).toContain(`"trace_id":"${unsampled.traceId}"`);
});

test('a refusal tells its code and is no failure', async () => {
  const { traceId, traceparent } = newTrace('01');
  expect((await workspace.client.get('/v1/decisions/999999', { traceparent })).status).toBe(404);
  const spans = await eventually(EXPORT_MS_MAX, () => {
    const all = collector.ofTrace(traceId);
    expect(all).toHaveLength(3);
    return all;
  });
  const outcomes = spans.map(({ attributes, isError }) => [attributes['magistry.outcome'], isError]);
  expect(outcomes).toEqual(spans.map(() => ['not_found', false]));
});

test('a collector that hangs slows no request', async () => {
  collector.isHanging = true;
  const durations: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const { traceparent } = newTrace('01');
    const { status, durationMs } = await workspace.client.get('/v1/decisions?limit=1', { traceparent });
    expect(status).toBe(200);
    durations.push(durationMs);
  }
  collector.isHanging = false;
  const median = durations.sort((one, other) => one - other)[25] ?? 0;
  expect(median).toBeLessThan(500);
});
