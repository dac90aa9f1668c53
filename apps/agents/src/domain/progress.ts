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
  /** Results that are kept and not told yet, because an earlier call of the same answer has none. */
  readonly keptResults: ReadonlyMap<string, ToolResult>;
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

const NOTHING: Progress = {
  steps: [],
  openText: '',
  openThinking: '',
  begunCalls: new Set(),
  keptResults: new Map(),
  subRuns: new Map(),
  usage: { promptTokens: 0, completionTokens: 0 },
  calls: 0,
  isMemoryKept: false,
};

export function progressOf(events: Iterable<RunEvent>): Progress {
  let progress = NOTHING;
  for (const event of events) progress = advanced(progress, event);
  return progress;
}

/** How far the run is with one entry more. */
export function advanced(progress: Progress, event: RunEvent): Progress {
  switch (event.kind) {
    case 'text':
      return { ...progress, openText: progress.openText + event.delta };
    case 'thinking':
      return { ...progress, openThinking: progress.openThinking + event.delta };
    case 'model-answered': {
      const { call, text, toolCalls, usage } = event;
      const steps = [...progress.steps, { call, text, toolCalls, results: new Map() }];
      const spent = sumOf(progress.usage, usage);
      return { ...progress, steps, openText: '', openThinking: '', calls: call, usage: spent };
    }
    case 'summarised': {
      const usage = sumOf(progress.usage, event.usage);
      return { ...progress, calls: event.call, isMemoryKept: true, usage };
    }
    case 'summary-failed':
      return { ...progress, calls: event.call, isMemoryKept: true };
    case 'tool-called':
      return { ...progress, begunCalls: new Set([...progress.begunCalls, event.id]) };
    case 'delegated': {
      const begunCalls = new Set([...progress.begunCalls, event.id]);
      return { ...progress, begunCalls, subRuns: new Map([...progress.subRuns, [event.id, event.runId]]) };
    }
    case 'tool-finished': {
      const keptResults = new Map([...progress.keptResults, [event.id, resultOf(event)]]);
      return { ...progress, keptResults };
    }
    case 'tool-answered':
    case 'delegation-answered': {
      const last = progress.steps.at(-1);
      if (!last) return progress;
      const results = new Map([...last.results, [event.id, resultOf(event)]]);
      return { ...progress, steps: [...progress.steps.slice(0, -1), { ...last, results }] };
    }
    default:
      return progress;
  }
}

function sumOf(one: Usage, other: Usage): Usage {
  return {
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
  };
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
