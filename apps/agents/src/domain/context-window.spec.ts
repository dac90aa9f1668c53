import fc from 'fast-check';
import { ContextTooLarge, contextWindow, messageTokens, type Sayable, TURNS_MAX } from './context-window.js';
import { type ModelMessage, turnMessages } from './conversation.js';
import { NO_MEMORY } from './session-memory.js';
import { tokensIn } from './tokens.js';

const text = fc.oneof(fc.string({ maxLength: 2_000, unit: 'binary' }), fc.lorem({ maxCount: 200 }));
const turns = fc
  .array(fc.record({ content: text, answer: text }), { maxLength: 60 })
  .map((said) => said.map((turn, index) => ({ turn: index + 1, ...turn })));
const step = fc.tuple(text, fc.array(text, { maxLength: 3 })).map(([said, outputs]) => {
  const toolCalls = outputs.map((_, place) => ({ id: `call_1_${place}`, tool: 'look', input: {} }));
  const results = new Map(outputs.map((output, place) => [`call_1_${place}`, { output }]));
  return { call: 1, text: said, toolCalls, results };
});
const memory = fc.record({
  throughTurn: fc.nat(),
  summary: text,
  facts: fc.array(fc.record({ name: text, value: text, turn: fc.nat() }), { maxLength: 20 }),
});
const sayable: fc.Arbitrary<Sayable> = fc.record({
  ...{ instructions: text, tools: text, memory, turns },
  request: text.map((said): ModelMessage => ({ role: 'user', text: said })),
  steps: fc.array(step, { maxLength: 4 }),
});

function whole(what: Partial<Sayable>): Sayable {
  const request = { role: 'user', text: 'And now?' } as const;
  return { instructions: 'Be kind.', tools: '[]', memory: NO_MEMORY, turns: [], request, steps: [], ...what };
}

function sizeOf({ instructions, tools }: Sayable, messages: readonly ModelMessage[]): number {
  const fixed = tokensIn(instructions) + tokensIn(tools);
  return messages.reduce((tokens, message) => tokens + messageTokens(message), fixed);
}

function windowOf(said: Sayable, tokensMax: number): ModelMessage[] | undefined {
  try {
    return contextWindow(said, tokensMax);
  } catch (error) {
    expect(error).toBeInstanceOf(ContextTooLarge);
    return undefined;
  }
}

test('whatever was said, what is shown is within the budget, with the request and each step in their order', () => {
  const property = fc.property(sayable, fc.integer({ min: 0, max: 12_000 }), (said, tokensMax) => {
    const shown = windowOf(said, tokensMax);
    if (!shown) return;
    expect(sizeOf(said, shown)).toBeLessThanOrEqual(tokensMax);
    const at = shown.lastIndexOf(said.request);
    expect(at).toBeGreaterThanOrEqual(0);
    const behind = shown.slice(at + 1);
    const roles = said.steps.flatMap(() => ['assistant', 'tool']);
    expect(behind.map(({ role }) => role)).toEqual(roles);
    const last = said.steps.at(-1);
    if (last)
      expect(JSON.stringify(behind.at(-1))).toContain(
        JSON.stringify([...last.results.values()].at(-1) ?? []),
      );
    // Of the turns, the newest ones without a gap.
    const earlier = shown.slice(0, at).slice(shown.length > 0 && isMemory(shown[0], said) ? 1 : 0);
    const count = earlier.length / 2;
    const newest = count === 0 ? [] : said.turns.slice(-count);
    expect(earlier).toEqual(newest.flatMap(turnMessages));
  });
  fc.assert(property, { numRuns: 200 });
});

function isMemory(message: ModelMessage | undefined, { memory }: Sayable): boolean {
  const hasMemory = memory.summary !== '' || memory.facts.length > 0;
  return hasMemory && message?.role === 'user' && message.text.startsWith('What was said earlier');
}

test('where everything fits, everything is shown, up to the most turns', () => {
  const many = Array.from({ length: TURNS_MAX + 5 }, (_, index) => ({
    turn: index,
    content: 'a',
    answer: 'b',
  }));
  expect(contextWindow(whole({ turns: many }), 100_000)).toHaveLength(2 * TURNS_MAX + 1);
});

test('the memory is told before the turns, and of too large a one the newest facts', () => {
  const facts = Array.from({ length: 50 }, (_, turn) => ({
    name: `fact ${turn}`,
    value: 'x'.repeat(40),
    turn,
  }));
  const [told] = contextWindow(whole({ memory: { throughTurn: 50, summary: 'Talk.', facts } }), 1_000);
  expect(told).toMatchObject({ role: 'user', text: expect.stringContaining('- fact 49: xxx') });
  expect(JSON.stringify(told)).not.toContain('fact 0');
});

const stepWith = (call: number, output: string) => {
  const id = `call_${call}_1`;
  return {
    call,
    text: '',
    toolCalls: [{ id, tool: 'look', input: {} }],
    results: new Map([[id, { output }]]),
  };
};

test('long outputs of older steps give way, those of the newest step stay whole', () => {
  const steps = [stepWith(1, 'old words '.repeat(400)), stepWith(2, 'new words '.repeat(200))];
  const shown = contextWindow(whole({ steps }), 1_000);
  expect(JSON.stringify(shown)).toContain('new words '.repeat(200));
  expect(JSON.stringify(shown)).toMatch(/characters are left out here/);
});

test('a newest step that does not fit is a clear failure', () => {
  const steps = [stepWith(1, 'new words '.repeat(2_000))];
  expect(() => contextWindow(whole({ steps }), 1_000)).toThrow(/too large: .* 4\d{3} tokens.*context_tokens/);
});
