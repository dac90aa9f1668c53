import type { RunEvent, ToolCall, ToolResult, Usage } from './run-event.js';

/** One answer of the model, and what came of the tools that it asked for. */
export interface Step {
  readonly call: number;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly results: ReadonlyMap<string, ToolResult>;
}

/** How far a run is, read from its log alone: the same whoever reads it, and after every crash. */
export interface Progress {
  readonly steps: readonly Step[];
  /** What an unfinished model call has already been heard to say. */
  readonly openText: string;
  readonly openThinking: string;
  /** Tool calls that began; one without a result may or may not have had its effect. */
  readonly begunCalls: ReadonlySet<string>;
  /** Sub-runs by the tool call that asked for them. */
  readonly subRuns: ReadonlyMap<string, string>;
  readonly usage: Usage;
  /** Model calls that came to an end, whatever they were for; the next one has the next number. */
  readonly calls: number;
  /** Whether the run has folded turns of its session into the memory, or tried to. */
  readonly isMemoryKept: boolean;
}

export type Move =
  | { readonly kind: 'ask-model'; readonly call: number }
  | { readonly kind: 'use-tools'; readonly calls: readonly ToolCall[] }
  | { readonly kind: 'finish'; readonly text: string };

export function progressOf(events: Iterable<RunEvent>): Progress {
  const steps: (Omit<Step, 'results'> & { results: Map<string, ToolResult> })[] = [];
  const begunCalls = new Set<string>();
  const subRuns = new Map<string, string>();
  let [openText, openThinking, promptTokens, completionTokens] = ['', '', 0, 0];
  let [calls, isMemoryKept] = [0, false];
  for (const event of events) {
    switch (event.kind) {
      case 'text':
        openText += event.delta;
        break;
      case 'thinking':
        openThinking += event.delta;
        break;
      case 'model-answered': {
        const { call, text, toolCalls, usage } = event;
        steps.push({ call, text, toolCalls, results: new Map() });
        [openText, openThinking] = ['', ''];
        calls = call;
        promptTokens += usage.promptTokens;
        completionTokens += usage.completionTokens;
        break;
      }
      case 'summarised':
        promptTokens += event.usage.promptTokens;
        completionTokens += event.usage.completionTokens;
        [calls, isMemoryKept] = [event.call, true];
        break;
      case 'summary-failed':
        [calls, isMemoryKept] = [event.call, true];
        break;
      case 'tool-called':
        begunCalls.add(event.id);
        break;
      case 'delegated':
        begunCalls.add(event.id);
        subRuns.set(event.id, event.runId);
        break;
      case 'tool-answered':
      case 'delegation-answered':
        steps.at(-1)?.results.set(event.id, resultOf(event));
    }
  }
  const usage = { promptTokens, completionTokens };
  return { steps, openText, openThinking, begunCalls, subRuns, usage, calls, isMemoryKept };
}

function resultOf({ output, error }: ToolResult): ToolResult {
  return error === undefined ? { output } : { error };
}

/** What comes next. */
export function nextMove({ steps, calls: callsMade }: Progress): Move {
  const last = steps.at(-1);
  if (!last) return { kind: 'ask-model', call: callsMade + 1 };
  if (last.toolCalls.length === 0) return { kind: 'finish', text: last.text };
  const calls = last.toolCalls.filter(({ id }) => !last.results.has(id));
  return calls.length > 0 ? { kind: 'use-tools', calls } : { kind: 'ask-model', call: callsMade + 1 };
}

/**
 * Of a text that is told a second time, what was not heard before. One that goes another way is told whole, in a
 * paragraph of its own: what was heard cannot be taken back.
 */
export class Retelling {
  private matched = 0;
  private hasDiverged = false;

  constructor(private readonly heard: string) {}

  next(delta: string): string {
    const rest = this.heard.slice(this.matched);
    if (this.hasDiverged || rest === '') return delta;
    if (rest.startsWith(delta)) {
      this.matched += delta.length;
      return '';
    }
    if (delta.startsWith(rest)) {
      this.matched = this.heard.length;
      return delta.slice(rest.length);
    }
    this.hasDiverged = true;
    return `\n\n${this.heard.slice(0, this.matched)}${delta}`;
  }
}
