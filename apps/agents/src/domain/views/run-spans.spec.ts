import { agents } from '@magistry/contracts';
import type { Run } from '../run.js';
import type { RunEvent } from '../run-event.js';
import { spanIdOf } from '../spans.js';
import { logEntry } from './log-view.js';
import { spansOf } from './run-spans.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const ASKED = `00-${TRACE}-00f067aa0ba902b7-01`;
const AT = Date.UTC(2026, 10, 24);

const definition = agents.agentDefinition.parse({ slug: 'host', title: 'Host', description: 'Receives.' });
const caller = {
  ...{ requestId: 'req_1', principalId: 'key:1', actor: 'tester', scopes: [], traceparent: ASKED },
  workspace: { slug: 'w', tier: 'free' },
};
const run = {
  ...{ id: 'mag-00000001', kind: 'main', definition, caller, input: { payload: {} } },
  ...{ parentId: null, parentCallId: null, createdAt: new Date(AT) },
} as unknown as Run;

/** Events a second apart. */
function kept(events: readonly RunEvent[]) {
  return events.map((event, place) => ({ event, recordedAt: new Date(AT + (place + 1) * 1_000) }));
}

const call = { id: 'call_1_1', tool: 'book_seat', input: { guest: 'Ada' } };
const usage = { promptTokens: 11, completionTokens: 5 };
const answered: RunEvent = {
  ...{ kind: 'model-answered', call: 1, text: '', toolCalls: [call], usage, costMicros: 31 },
};
const ledger = [{ call: 1, model: 'm', micros: 31, ...usage }];
const below = `00-${TRACE}-${spanIdOf(run.id)}-01`;

test('a run, its model call and its tool call are spans under the ids of the log, each below its own', () => {
  const events = kept([
    { kind: 'started' },
    { kind: 'model-called', call: 1 },
    answered,
    { kind: 'tool-called', ...call },
    { kind: 'tool-answered', id: call.id, tool: call.tool, output: { seat: 'A1' } },
    { kind: 'finished', output: {}, usage },
  ]);
  const spans = spansOf(run, events, ledger);
  const [whole, chat, tool] = spans;
  expect(whole).toMatchObject({
    ...{ name: 'invoke_agent host', traceparent: ASKED, startUnixMs: AT, endUnixMs: AT + 6_000 },
    attributes: { 'gen_ai.agent.name': 'host', 'gen_ai.usage.input_tokens': 11, 'magistry.cost.micros': 31 },
  });
  expect(chat).toMatchObject({
    ...{ name: 'chat m', traceparent: below, kind: 'client', startUnixMs: AT + 2_000, endUnixMs: AT + 3_000 },
    attributes: { 'gen_ai.request.model': 'm', 'gen_ai.usage.output_tokens': 5 },
  });
  expect(tool).toMatchObject({
    ...{ name: 'execute_tool book_seat', traceparent: below, startUnixMs: AT + 4_000 },
    attributes: { 'gen_ai.tool.name': 'book_seat', 'gen_ai.tool.call.id': 'call_1_1' },
  });
  const logged = events.map((entry) => logEntry(run, entry).span_id);
  expect(new Set(spans.map(({ spanId }) => spanId))).toEqual(new Set(logged));
  expect(spans.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
});

test('nothing that was said or given is in a span', () => {
  const events = kept([{ kind: 'tool-called', ...call }, { kind: 'cancelled' }]);
  expect(JSON.stringify(spansOf(run, events, ledger))).not.toMatch(/Ada/);
});

test('a tool that failed is an error, its run is none', () => {
  const events = kept([
    { kind: 'tool-called', ...call },
    { kind: 'tool-answered', id: call.id, tool: call.tool, error: 'no seat is left' },
    { kind: 'finished', output: {}, usage },
  ]);
  expect(spansOf(run, events, []).map(({ error }) => error)).toEqual([undefined, 'tool_error']);
});

test('a call that was quicker than one before it ends where its result was kept', () => {
  const result = { id: call.id, tool: call.tool, output: { seat: 'A1' } };
  const events = kept([
    { kind: 'tool-called', ...call },
    { kind: 'tool-finished', ...result },
    { kind: 'tool-answered', ...result },
    { kind: 'finished', output: {}, usage },
  ]);
  const [, tool] = spansOf(run, events, []);
  expect(tool).toMatchObject({ startUnixMs: AT + 1_000, endUnixMs: AT + 2_000 });
});

test('what was open when its run was cancelled ends with it, as cancelled', () => {
  const events = kept([{ kind: 'model-called', call: 1 }, { kind: 'cancelled' }]);
  const spans = spansOf(run, events, ledger);
  expect(spans.map(({ error, endUnixMs }) => [error, endUnixMs])).toEqual([
    ['cancelled', AT + 2_000],
    ['cancelled', AT + 2_000],
  ]);
});

test('a model call that a second process made again is one span, from its first beginning', () => {
  const again = kept([{ kind: 'model-called', call: 1 }, { kind: 'model-called', call: 1 }, answered]);
  const [, ...chats] = spansOf(run, again, ledger);
  expect(chats.map(({ startUnixMs, endUnixMs }) => [startUnixMs, endUnixMs])).toEqual([
    [AT + 1_000, AT + 3_000],
  ]);
});

test('a sub-run is below the delegation that asked for it', () => {
  const subRun = { ...run, id: 'sag-00000002', parentId: run.id, parentCallId: call.id } as Run;
  const [whole] = spansOf(subRun, kept([{ kind: 'started' }, { kind: 'cancelled' }]), []);
  expect(whole?.traceparent).toBe(`00-${TRACE}-${spanIdOf(run.id, call.id)}-01`);
});
