import type { Run } from '../run.js';
import type { KeptEvent, RunEvent, ToolCall } from '../run-event.js';
import { modelPart, parentSpanIdOf, spanIdOf, traceparentBelow } from '../spans.js';

/** A span of a run as OpenTelemetry has it; what was said and given stays out. */
export interface RunSpan {
  readonly name: string;
  readonly spanId: string;
  /** Of the span that it is a part of. */
  readonly traceparent: string;
  readonly kind: 'client' | 'internal';
  readonly attributes: Record<string, string | number>;
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  readonly error?: string | undefined;
}

/** A model call as the cost ledger has it. */
export interface LedgerCall {
  readonly call: number;
  readonly model: string;
  readonly micros: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

type Timed = Pick<KeptEvent, 'event' | 'recordedAt'>;

interface Part {
  readonly name: string;
  readonly startUnixMs: number;
  readonly attributes: Record<string, string | number>;
  readonly kind: RunSpan['kind'];
  endUnixMs?: number;
  error?: string;
}

const TOOL_ERROR = 'tool_error';
const SUMMARY_ERROR = 'summary_error';

/**
 * The spans of an ended run, read from its log and named as GenAI's semantic conventions do: the run, each model
 * call, each tool call and delegation. Their ids are the log's, so a line of it, a cost and a span meet.
 */
export function spansOf(run: Run, events: readonly Timed[], calls: readonly LedgerCall[]): RunSpan[] {
  const last = events.at(-1);
  if (!last) return [];
  const endUnixMs = last.recordedAt.getTime();
  const error = errorOf(last.event);
  const own = spanIdOf(run.id);
  const below = traceparentBelow(run, own);
  const parts = [...partsOf(run, events, calls)].map(
    ([part, { endUnixMs: ended, error: failed, ...rest }]) => ({
      ...rest,
      spanId: spanIdOf(run.id, part),
      traceparent: below,
      endUnixMs: ended ?? endUnixMs,
      // What has no answer went down with its run.
      error: ended === undefined ? (error ?? 'aborted') : failed,
    }),
  );
  return [{ ...wholeOf(run, calls), spanId: own, endUnixMs, error }, ...parts];
}

function wholeOf(run: Run, calls: readonly LedgerCall[]) {
  const { id, definition, input, caller, createdAt } = run;
  const parent = parentSpanIdOf(run);
  return {
    name: `invoke_agent ${definition.slug}`,
    kind: 'internal' as const,
    traceparent: parent === undefined ? (caller.traceparent ?? '') : traceparentBelow(run, parent),
    startUnixMs: createdAt.getTime(),
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': definition.slug,
      'gen_ai.agent.description': definition.description,
      ...(input.conversationId !== undefined && { 'gen_ai.conversation.id': input.conversationId }),
      'gen_ai.usage.input_tokens': sum(calls, ({ promptTokens }) => promptTokens),
      'gen_ai.usage.output_tokens': sum(calls, ({ completionTokens }) => completionTokens),
      'magistry.run.id': id,
      'magistry.cost.micros': sum(calls, ({ micros }) => micros),
    },
  };
}

/** By the part of the run that each is. */
function partsOf(run: Run, events: readonly Timed[], calls: readonly LedgerCall[]): Map<string, Part> {
  const parts = new Map<string, Part>();
  const begin = (part: string, made: Omit<Part, 'startUnixMs'>, at: Date) => {
    // A call that a crash broke off and another process made again is one.
    if (!parts.has(part)) parts.set(part, { ...made, startUnixMs: at.getTime() });
  };
  const end = (id: string, at: Date, error?: string) => {
    const part = parts.get(id);
    // The result of a quick call stands behind that of a slower one; it ended where it was kept.
    if (part && part.endUnixMs === undefined)
      Object.assign(part, { endUnixMs: at.getTime(), ...(error !== undefined && { error }) });
  };
  for (const { event, recordedAt } of events) {
    switch (event.kind) {
      case 'model-called':
        begin(modelPart(event.call), chatOf(run, event.call, calls), recordedAt);
        break;
      case 'model-answered':
      case 'summarised':
        end(modelPart(event.call), recordedAt);
        break;
      case 'summary-failed':
        end(modelPart(event.call), recordedAt, SUMMARY_ERROR);
        break;
      case 'tool-called':
      case 'delegated':
        begin(event.id, toolOf(run, event), recordedAt);
        break;
      case 'tool-finished':
      case 'tool-answered':
      case 'delegation-answered':
        end(event.id, recordedAt, event.error === undefined ? undefined : TOOL_ERROR);
    }
  }
  return parts;
}

function chatOf({ id, input }: Run, call: number, calls: readonly LedgerCall[]) {
  const entry = calls.find((known) => known.call === call);
  return {
    name: `chat ${entry?.model ?? 'unknown'}`,
    kind: 'client' as const,
    attributes: {
      'gen_ai.operation.name': 'chat',
      // The protocol that it speaks; which model it is, the model's name tells.
      'gen_ai.provider.name': 'openai',
      ...(input.conversationId !== undefined && { 'gen_ai.conversation.id': input.conversationId }),
      ...(entry && {
        'gen_ai.request.model': entry.model,
        'gen_ai.usage.input_tokens': entry.promptTokens,
        'gen_ai.usage.output_tokens': entry.completionTokens,
        'magistry.cost.micros': entry.micros,
      }),
      'magistry.run.id': id,
    },
  };
}

function toolOf({ id: runId }: Run, { id, tool }: ToolCall) {
  return {
    name: `execute_tool ${tool}`,
    kind: 'internal' as const,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.call.id': id,
      'magistry.run.id': runId,
    },
  };
}

function errorOf(event: RunEvent): string | undefined {
  if (event.kind === 'failed') return event.code;
  return event.kind === 'cancelled' ? 'cancelled' : undefined;
}

function sum(calls: readonly LedgerCall[], amount: (call: LedgerCall) => number): number {
  return calls.reduce((total, call) => total + amount(call), 0);
}
