import { type ModelMessage, stepMessages, type Turn, turnMessages } from './conversation.js';
import type { Step } from './progress.js';
import { memoryText, type SessionMemory } from './session-memory.js';
import { shortened, tokensIn } from './tokens.js';

/** Everything that a model could be shown. */
export interface Sayable {
  readonly instructions: string;
  /** The tools on offer, as JSON. */
  readonly tools: string;
  readonly memory: SessionMemory;
  /** Those behind the memory, the oldest first. */
  readonly turns: readonly Turn[];
  readonly request: ModelMessage;
  readonly steps: readonly Step[];
}

/** What cannot be left out is more than the model may be shown. The message is fit for the run's reader. */
export class ContextTooLarge extends Error {}

/** Earlier turns that a model is shown in full at most. */
export const TURNS_MAX = 40;
/** What a message costs besides its words. */
const MESSAGE_TOKENS = 8;
/** Of the whole, what the memory may take at most. */
const MEMORY_SHARE = 1 / 4;
const OLD_OUTPUT_CHARACTERS_MAX = 600;

/**
 * What the model is shown, in the order in which it was said, within `tokensMax` together with instructions and
 * tools: the request and the run's own steps always, the memory, and of earlier turns the newest that fit. Where
 * the steps are too much, long outputs of tools are shortened, but for those of the newest step.
 * Throws `ContextTooLarge` when that is not enough.
 */
export function contextWindow(sayable: Sayable, tokensMax: number): ModelMessage[] {
  const { instructions, tools, request } = sayable;
  const turns = sayable.turns.slice(-TURNS_MAX);
  const memory = memoryWithin(sayable, tokensMax * MEMORY_SHARE);
  const whole = [...memory, ...turns.flatMap(turnMessages), request, ...sayable.steps.flatMap(stepMessages)];
  if (bytesOf(instructions, tools, whole) <= tokensMax) return whole;

  const fixed = tokensIn(instructions) + tokensIn(tools);
  const steps = stepsWithin(sayable, tokensMax - fixed);
  let left = tokensMax - fixed - sum([request, ...steps]);
  const known = sum(memory) <= left ? memory : [];
  left -= sum(known);
  const shown: ModelMessage[] = [];
  for (const turn of turns.toReversed()) {
    const messages = turnMessages(turn);
    left -= sum(messages);
    if (left < 0) break;
    shown.unshift(...messages);
  }
  return [...known, ...shown, request, ...steps];
}

/** What a message takes of a context, about. */
export function messageTokens(message: ModelMessage): number {
  return MESSAGE_TOKENS + textsOf(message).reduce((tokens, text) => tokens + tokensIn(text), 0);
}

function sum(messages: readonly ModelMessage[]): number {
  return messages.reduce((tokens, message) => tokens + messageTokens(message), 0);
}

// No text has more tokens than bytes: most prompts need no counting.
function bytesOf(instructions: string, tools: string, messages: readonly ModelMessage[]): number {
  const texts = [instructions, tools, ...messages.flatMap(textsOf)];
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), messages.length * MESSAGE_TOKENS);
}

function textsOf(message: ModelMessage): string[] {
  switch (message.role) {
    case 'user':
      return [message.text];
    case 'assistant':
      return [message.text, ...message.toolCalls.map(({ tool, input }) => tool + JSON.stringify(input))];
    case 'tool':
      return message.results.map(({ result }) => JSON.stringify(result));
  }
}

function memoryWithin({ memory }: Sayable, tokensMax: number): ModelMessage[] {
  const text = memoryText(memory, tokensMax - MESSAGE_TOKENS);
  return text === undefined ? [] : [{ role: 'user', text }];
}

function stepsWithin({ steps, request }: Sayable, tokensMax: number): ModelMessage[] {
  const whole = steps.map(stepMessages);
  if (sum([request, ...whole.flat()]) <= tokensMax) return whole.flat();
  const messages = whole.map((step, index) => (index < whole.length - 1 ? step.map(withShortOutputs) : step));
  const needed = sum([request, ...messages.flat()]);
  if (needed <= tokensMax) return messages.flat();
  throw new ContextTooLarge(
    `the context is too large: what was asked and what its tools gave take ${needed} tokens, and ` +
      `${Math.max(0, tokensMax)} are left of the agent's budget.context_tokens`,
  );
}

function withShortOutputs(message: ModelMessage): ModelMessage {
  if (message.role !== 'tool') return message;
  const results = message.results.map((answered) => {
    const json = JSON.stringify(answered.result.output) ?? '';
    if (json.length <= OLD_OUTPUT_CHARACTERS_MAX) return answered;
    return { ...answered, result: { output: shortened(json, OLD_OUTPUT_CHARACTERS_MAX) } };
  });
  return { role: 'tool', results };
}
