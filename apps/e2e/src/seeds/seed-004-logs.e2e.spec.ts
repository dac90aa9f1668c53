import { setTimeout as pause } from 'node:timers/promises';
import { follow, streamedEvents } from '../event-stream.fixture.js';
import type { Answered, GatewayClient } from '../gateway.fixture.js';
import { ask, LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import type { Script } from '../scripted-model.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import type { TestWorkspace } from '../workspaces.fixture.js';
import { linesOf, MAIN_RUN_ID, SUB_RUN_ID } from './seed-004.fixture.js';

const SPAN_ID = /^[0-9a-f]{16}$/;
const EVENTS = [
  ...['start', 'model_call', 'tool_call', 'delegation', 'tool_result', 'delegation_result'],
  ...['model_call', 'finish'],
];
const system = systemUnderTest();
let agents: ScriptedAgents;
let home: TestWorkspace;
let client: GatewayClient;
/** A tool, a sub-agent and an end of each kind. */
let runId: string;
let failedId: string;

beforeAll(async () => {
  agents = await ScriptedAgents.open(system);
  home = await agents.workspace();
  ({ client } = home);
  const calls = [agents.place.effect({ book: 1 }), ask(2, { turns: [{ says: 'Below.' }] })];
  runId = await run({ turns: [{ calls }, { says: 'Done.' }] });
  failedId = await run({ turns: [{ calls }, { fault: 'refuses' }] });
});
afterAll(() => agents.close());

const pathOf = (id: string, query = '') => `/api/v1/runs/${id}/logs${query}`;
const logs = (id: string, query = '') => client.get(pathOf(id, query));

/** Begins a run and waits for its end. */
async function run(script: Script): Promise<string> {
  const id = await begin(script);
  await follow(`${system.gatewayUrl}${pathOf(id, '?follow=true')}`, home.key).until();
  return id;
}

let begun = 0;
function begin(script: Script): Promise<string> {
  begun += 1;
  return agents.begin(home, LEVELS[0], script, `log-${begun}`);
}

describe('Log Entry Schema', () => {
  test('each entry has the fields of the schema, in their types, and no other one', async () => {
    for (const id of [runId, failedId]) {
      const entries = linesOf(await logs(id));
      const [start] = entries;
      for (const { parent_span_id: parentSpanId, ...entry } of entries) {
        expect(entry).toEqual({
          run_id: id,
          event: expect.stringMatching(/^[a-z_]+$/),
          timestamp: expect.any(Number),
          data: expect.any(Object),
          span_id: expect.stringMatching(SPAN_ID),
        });
        expect(Math.abs(Number(entry['timestamp']) - Date.now() / 1_000)).toBeLessThan(300);
        const isOfTheRun = entry['span_id'] === start?.['span_id'];
        expect(parentSpanId).toBe(isOfTheRun ? undefined : start?.['span_id']);
      }
      const times = entries.map(({ timestamp }) => Number(timestamp));
      expect(times).toEqual([...times].sort((one, other) => one - other));
    }
  });

  test('start, delegation, tool_call and finish occur, nested ones below the span of the run', async () => {
    const entries = linesOf(await logs(runId));
    expect(entries.map(({ event }) => event).sort()).toEqual([...EVENTS].sort());
    expect([entries[0]?.['event'], entries.at(-1)?.['event']]).toEqual(['start', 'finish']);
    const ofTheRun = entries.filter((entry) => !('parent_span_id' in entry)).map(({ event }) => event);
    expect(ofTheRun).toEqual(['start', 'finish']);
    const of = (event: string) => entries.find((entry) => entry['event'] === event)?.['data'];
    expect(of('delegation')).toMatchObject({ sag: LEVELS[1], run_id: expect.stringMatching(SUB_RUN_ID) });
    expect(of('tool_call')).toMatchObject({ tool: 'http_request', input: { method: 'POST' } });
    expect(of('finish')).toEqual({ output: { text: 'Done.' } });
  });

  test('error is the last entry of a run that failed', async () => {
    const entries = linesOf(await logs(failedId));
    expect(entries.at(-1)).toMatchObject({
      event: 'error',
      data: { code: 'execution_failed', message: 'The run failed: the model answered 400.' },
    });
    expect(entries.filter(({ event }) => event === 'finish' || event === 'error')).toHaveLength(1);
  });

  test('the log of a sub-run goes on below the span of its delegation', async () => {
    const [delegation = {}] = linesOf(await logs(runId)).filter(({ event }) => event === 'delegation');
    const { run_id: below } = delegation['data'] as { run_id: string };
    const entries = linesOf(await logs(below));
    expect(entries[0]).toMatchObject({ event: 'start', parent_span_id: delegation['span_id'] });
    for (const entry of entries) expect(entry['parent_span_id']).toMatch(SPAN_ID);
  });
});

describe('NDJSON Mode', () => {
  test('is application/x-ndjson, one object a line, each ended, and the answer ends', async () => {
    for (const query of ['', '?follow=false', '?follow=False']) {
      const { status, headers, text } = await logs(runId, query);
      expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson; charset=utf-8']);
      expect(text.split('\n')).toHaveLength(EVENTS.length + 1);
      expect(linesOf({ text })).toHaveLength(EVENTS.length);
      expect(text).toMatch(
        /^(\{"run_id":"mag-[0-9a-f]{8}","event":"[a-z_]+","timestamp":[\d.]+,"data":\{.*\}\n)+$/,
      );
    }
  });

  test.each([0, 1, 3, EVENTS.length, EVENTS.length + 1, 100_000])(
    'tail=%i gives the last lines',
    async (tail) => {
      const entries = linesOf(await logs(runId));
      expect(linesOf(await logs(runId, `?tail=${tail}`))).toEqual(tail === 0 ? [] : entries.slice(-tail));
    },
  );

  test.each([
    'tail=-1',
    'tail=many',
    'tail=1.5',
    'tail=',
    'tail=%20',
    'tail=100001',
    'tail=1&tail=2',
    'follow=maybe',
    'head=1',
  ])('400 invalid_payload for %s, naming the parameter', async (query) => {
    const { status, json } = await logs(runId, `?${query}`);
    const [name = ''] = query.split('=');
    expect([status, json]).toEqual([
      400,
      { code: 'invalid_payload', message: expect.stringContaining(name) },
    ]);
  });

  test('a log of any length is streamed whole, and its tail exactly', async () => {
    const calls = Array.from({ length: 30 }, (_, book) => agents.place.effect({ book }));
    const turns = [...Array.from({ length: 9 }, () => ({ calls })), { says: 'Done.' }];
    const id = await run({ turns });
    const entries = linesOf(await logs(id));
    expect(entries).toHaveLength(2 + turns.length + 2 * 9 * calls.length);
    expect(entries.at(-1)).toMatchObject({ event: 'finish' });
    expect(linesOf(await logs(id, '?tail=520'))).toEqual(entries.slice(-520));
    expect(streamedEvents((await logs(id, '?follow=true')).text).map(({ data }) => data)).toEqual(entries);
  });

  test('of a run that goes on it has what is there, so that tail can be polled', async () => {
    const id = await begin({ turns: [{ fault: 'hangs', label: 'polled' }] });
    await agents.model.untilOpen('polled');
    expect(linesOf(await logs(id, '?tail=20')).map(({ event }) => event)).toEqual(['start']);
    await client.write('POST', `/api/v1/runs/${id}/cancel`, undefined);
    expect(linesOf(await logs(id, '?tail=20')).map(({ event }) => event)).toEqual(['start', 'error']);
  });
});

describe('SSE Mode', () => {
  test('is text/event-stream of data frames with the lines of the log, unbuffered', async () => {
    const { status, headers, text } = await logs(runId, '?follow=true');
    expect((await logs(runId, '?follow=True')).text).toBe(text);
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(headers).toMatchObject({
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(text).toMatch(/^(id: \d+\ndata: \{"run_id":.*\}\n\n)+$/);
    const events = streamedEvents(text);
    expect(events.map(({ data }) => data)).toEqual(linesOf(await logs(runId)));
    expect(events.map(({ id }) => id)).toEqual(EVENTS.map((_, index) => index + 1));
  });

  test.each([0, 2, 100])('tail=%i sends the last entries first', async (tail) => {
    const entries = linesOf(await logs(runId));
    const { status, text } = await logs(runId, `?tail=${tail}&follow=true`);
    const told = streamedEvents(text).map(({ data }) => data);
    expect([status, told]).toEqual([200, tail === 0 ? [] : entries.slice(-tail)]);
  });

  test('stays open while the run goes on, sends what comes, and ends behind the last entry', async () => {
    const id = await begin({ turns: [{ calls: [ask(2, { turns: [{ fault: 'hangs', label: 'live' }] })] }] });
    await agents.model.untilOpen('live');
    const stream = await openStream(pathOf(id, '?tail=1&follow=true'));
    const first = await stream.next();
    expect(first.map(({ event }) => event)).toEqual(['delegation']);
    await pause(700);
    expect(stream.hasEnded).toBe(false);
    await client.write('POST', `/api/v1/runs/${id}/cancel`, undefined);
    expect((await stream.next()).at(-1)).toMatchObject({
      ...{ run_id: expect.stringMatching(MAIN_RUN_ID), event: 'error' },
      data: { code: 'cancelled' },
    });
    await stream.next();
    expect(stream.hasEnded).toBe(true);
  });

  test('who has come back with the last id of an ended run is told 204, that there is no more', async () => {
    const answered: Answered = await client.get(pathOf(runId, '?follow=true'), {
      'last-event-id': String(EVENTS.length),
    });
    expect([answered.status, answered.text]).toEqual([204, '']);
  });
});

/** A stream, read by hand: `next` gives the entries of what comes next, heartbeats aside; none once it has ended. */
async function openStream(path: string) {
  const { body } = await fetch(`${system.gatewayUrl}${path}`, {
    headers: { authorization: `Bearer ${home.key}` },
  });
  if (!body) throw new Error('the stream has no body');
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const stream = {
    hasEnded: false,
    next: async () => {
      for (;;) {
        const { done, value = '' } = await reader.read();
        stream.hasEnded = done;
        const entries = streamedEvents(value).map(({ data }) => data);
        if (done || entries.length > 0) return entries;
      }
    },
  };
  return stream;
}
