import { type StreamEvent, streamedEvents } from '../event-stream.fixture.js';
import type { GatewayClient } from '../gateway.fixture.js';
import { ask, LEVELS, ScriptedAgents } from '../scripted-agents.fixture.js';
import type { ScriptedTurn } from '../scripted-model.fixture.js';
import { systemUnderTest } from '../system.fixture.js';
import { integrate, MESSAGES, post } from './seed-002.fixture.js';

const LEVEL_NAMES = ['minimal', 'standard', 'full'] as const;
type Level = (typeof LEVEL_NAMES)[number];
/** The table of seed 002. */
const TABLE = `\
session.created Yes Yes Yes
message.started Yes Yes Yes
text.chunk Yes Yes Yes
message.completed Yes Yes Yes
error Yes Yes Yes
tool.started - Yes Yes
tool.completed - Yes Yes
tool.progress - - Yes
thinking.chunk - - Yes`;
const CELLS = TABLE.split('\n').flatMap((row) => {
  const [event = '', ...cells] = row.split(' ');
  return cells.map((cell, index) => [event, cell, LEVEL_NAMES[index] ?? ''] as const);
});

type Streams = Readonly<Record<string, readonly StreamEvent[]>>;
let agents: ScriptedAgents;
let client: GatewayClient;
/** Of a message that is answered, and of one that fails behind the same tool, by verbosity; '' for none. */
let answered: Streams;
let failed: Streams;

beforeAll(async () => {
  agents = await ScriptedAgents.open(systemUnderTest());
  ({ client } = await integrate(await agents.workspace(), LEVELS[0]));
  const first = { thinks: 'Let me see.', says: 'A moment. ', calls: [agents.place.effect({})] };
  [answered, failed] = await Promise.all([
    atEachLevel([first, { thinks: 'Booked.', says: 'It is booked.' }]),
    atEachLevel([first, { fault: 'refuses' }]),
  ]);
});
afterAll(() => agents.close());

async function streamOf(turns: readonly ScriptedTurn[], verbosity?: string) {
  const content = JSON.stringify({ turns });
  const { text } = await post(client, { content, verbosity, stream: true });
  return streamedEvents(text).slice(0, -1);
}

async function atEachLevel(turns: readonly ScriptedTurn[]): Promise<Streams> {
  const levels = ['', ...LEVEL_NAMES];
  const streams = await Promise.all(levels.map((level) => streamOf(turns, level === '' ? undefined : level)));
  return Object.fromEntries(levels.map((level, index) => [level, streams[index] ?? []]));
}

const namesIn = (events: readonly StreamEvent[] = []) => events.map(({ data }) => data.event as string);
/** What differs between two messages that say the same. */
const withoutIds = (events: readonly StreamEvent[] = []) =>
  JSON.parse(
    JSON.stringify(events, (name, value) => (/^(message|session|conversation)_id$/.test(name) ? '' : value)),
  );

test.each(CELLS)('%s: %s at verbosity %s', (event, cell, level) => {
  const names = namesIn([...(answered[level] ?? []), ...(failed[level] ?? [])]);
  expect([event, names.includes(event)]).toEqual([event, cell === 'Yes']);
});

const TOLD: Record<Level, readonly string[]> = {
  minimal: ['text.chunk', 'text.chunk', 'text.chunk', 'text.chunk', 'text.chunk'],
  standard: [
    ...['text.chunk', 'text.chunk', 'tool.started', 'tool.completed'],
    ...['text.chunk', 'text.chunk', 'text.chunk'],
  ],
  full: [
    ...['thinking.chunk', 'text.chunk', 'text.chunk', 'tool.started', 'tool.progress', 'tool.completed'],
    ...['thinking.chunk', 'text.chunk', 'text.chunk', 'text.chunk'],
  ],
};

test.each(LEVEL_NAMES)('at verbosity %s a stream has these events in this order and no other', (level) => {
  const head = ['session.created', 'message.started'];
  expect(namesIn(answered[level])).toEqual([...head, ...TOLD[level], 'message.completed']);
  const untilFailure = TOLD[level].slice(0, level === 'full' ? 6 : level === 'standard' ? 4 : 2);
  expect(namesIn(failed[level])).toEqual([...head, ...untilFailure, 'error']);
});

test('"standard" (default): without verbosity the stream is that of standard', () => {
  expect(withoutIds(answered[''])).toEqual(withoutIds(answered['standard']));
  expect(withoutIds(failed[''])).toEqual(withoutIds(failed['standard']));
});

test('levels differ in nothing but the events that they leave out', () => {
  const told = (level: string, shownAt: string) => {
    const shown = new Set(namesIn(answered[shownAt]));
    const events = withoutIds(answered[level]) as StreamEvent[];
    return events.map(({ data }) => data).filter(({ event }) => shown.has(event));
  };
  for (const [less, more] of [
    ['minimal', 'standard'],
    ['standard', 'full'],
  ] as const)
    expect(told(more, less)).toEqual(told(less, less));
});

test('full shows how the agent reasons and how far its tool is, each beside what it is about', () => {
  const events = (answered['full'] ?? []).map(({ data }) => data);
  const of = (name: string) => events.filter(({ event }) => event === name);
  expect(of('thinking.chunk').map(({ delta }) => delta)).toEqual(['Let me see.', 'Booked.']);
  const [started] = of('tool.started');
  const tool_call_id = expect.any(String);
  expect(started).toEqual({
    ...{ event: 'tool.started', tool_call_id, name: 'http_request' },
    input: agents.place.effect({}).input,
  });
  const call = { tool_call_id: started?.tool_call_id, name: 'http_request' };
  expect(of('tool.progress')).toEqual([{ event: 'tool.progress', ...call, message: 'asking 127.0.0.1' }]);
  expect(of('tool.completed')).toEqual([{ event: 'tool.completed', ...call, output: expect.anything() }]);
});

test('a sub-agent is a tool to whoever follows: started and completed under one name', async () => {
  const turns = [{ calls: [ask(2, { turns: [{ says: 'Below.' }] })] }, { says: 'Done.' }];
  const events = (await streamOf(turns)).map(({ data }) => data);
  const [started, completed] = events.filter(({ event }) => event.startsWith('tool.'));
  expect([started.event, completed.event]).toEqual(['tool.started', 'tool.completed']);
  const { tool_call_id, name } = started;
  expect(completed).toMatchObject({ tool_call_id, name });
});

test.each(LEVEL_NAMES)('a cut stream is taken up again at its verbosity: %s', async (level) => {
  const events = answered[level] ?? [];
  const path = `${MESSAGES}/${events[1]?.data.message_id}/events`;
  const { text } = await client.get(path, { 'last-event-id': 3 });
  expect(streamedEvents(text).slice(0, -1)).toEqual(events.slice(3));
});
