import type { FailureCode, Run } from './run.js';
import type { SessionMemory } from './session-memory.js';

export interface ToolCall {
  /** Ours, the same at every attempt: `call_<model call>_<place>`. */
  readonly id: string;
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What a tool or a sub-agent gave back; `error` where it could not. */
export interface ToolResult {
  readonly output?: unknown;
  readonly error?: string;
}

/** What a run's log holds. Whatever has happened is here, and what is not here has not happened. */
export type RunEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'message-started' }
  | { readonly kind: 'model-called'; readonly call: number }
  | { readonly kind: 'text'; readonly call: number; readonly delta: string }
  | { readonly kind: 'thinking'; readonly call: number; readonly delta: string }
  | {
      readonly kind: 'model-answered';
      readonly call: number;
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly usage: Usage;
      readonly costMicros: number;
    }
  /** Turns of the session beyond its window were folded into its memory, by a model call of its own. */
  | {
      readonly kind: 'summarised';
      readonly call: number;
      readonly memory: SessionMemory;
      readonly usage: Usage;
      readonly costMicros: number;
    }
  /** The memory stays as it was; the next message tries again. */
  | { readonly kind: 'summary-failed'; readonly call: number; readonly message: string }
  | ({ readonly kind: 'tool-called' } & ToolCall)
  | { readonly kind: 'tool-progressed'; readonly id: string; readonly tool: string; readonly note: string }
  /** A result that is to be told behind those of earlier calls, kept as soon as it is there. */
  | ({ readonly kind: 'tool-finished'; readonly id: string; readonly tool: string } & ToolResult)
  | ({ readonly kind: 'tool-answered'; readonly id: string; readonly tool: string } & ToolResult)
  | ({ readonly kind: 'delegated'; readonly runId: string; readonly slug: string } & ToolCall)
  | ({
      readonly kind: 'delegation-answered';
      readonly id: string;
      readonly slug: string;
      readonly runId: string;
    } & ToolResult)
  | { readonly kind: 'finished'; readonly output: Record<string, unknown>; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly message: string }
  | { readonly kind: 'cancelled' };

export type EventKind = RunEvent['kind'];

/** An entry as kept. */
export interface KeptEvent {
  readonly event: RunEvent;
  /** Null for what readers are not shown. */
  readonly eventId: number | null;
  readonly recordedAt: Date;
}

const SHOWN_OF_RUNS: ReadonlySet<EventKind> = new Set<EventKind>([
  ...(['started', 'model-answered', 'tool-called', 'tool-answered', 'delegated'] as const),
  ...(['delegation-answered', 'finished', 'failed', 'cancelled'] as const),
]);
const MINIMAL: readonly EventKind[] = [
  ...(['started', 'message-started', 'text', 'finished', 'failed', 'cancelled'] as const),
];
const STANDARD: readonly EventKind[] = [
  ...MINIMAL,
  ...(['tool-called', 'tool-answered', 'delegated', 'delegation-answered'] as const),
];
/** Verbosity Levels of seed 002. */
const SHOWN_OF_MESSAGES: Readonly<Record<string, ReadonlySet<EventKind>>> = {
  minimal: new Set(MINIMAL),
  standard: new Set(STANDARD),
  full: new Set([...STANDARD, 'tool-progressed', 'thinking']),
};

/** Whether readers of the run's log, or of the message's stream at its verbosity, are shown an event. */
export function isShown({ kind, input }: Pick<Run, 'kind' | 'input'>, event: EventKind): boolean {
  if (kind !== 'message') return SHOWN_OF_RUNS.has(event);
  return SHOWN_OF_MESSAGES[input.verbosity ?? 'standard']?.has(event) ?? false;
}

/** What is shown to nobody and needed by nobody later is not kept: runs have no readers of single deltas. */
export function isKept(run: Pick<Run, 'kind' | 'input'>, event: EventKind): boolean {
  const isPassing = event === 'thinking' || event === 'tool-progressed' || event === 'text';
  return !isPassing || isShown(run, event);
}
