import type { Run } from '../run.js';
import type { KeptEvent, RunEvent } from '../run-event.js';
import { modelPart, parentSpanIdOf, spanIdOf } from '../spans.js';

/** A log entry of seed 004 (Log Entry Schema). */
interface LogEntry {
  readonly run_id: string;
  readonly event: string;
  /** Unix seconds, with a fraction. */
  readonly timestamp: number;
  readonly data: Record<string, unknown>;
  readonly span_id: string;
  readonly parent_span_id?: string;
}

interface View {
  readonly name: string;
  readonly data: Record<string, unknown>;
  /** What of the run the entry is about; the run as a whole when left out. */
  readonly part?: string;
}

export function logEntry(run: Run, { event, recordedAt }: Pick<KeptEvent, 'event' | 'recordedAt'>): LogEntry {
  const { name, data, part } = viewOf(run, event);
  const ownSpan = spanIdOf(run.id);
  const parentSpan = part === undefined ? parentSpanIdOf(run) : ownSpan;
  return {
    run_id: run.id,
    event: name,
    timestamp: recordedAt.getTime() / 1_000,
    data,
    span_id: part === undefined ? ownSpan : spanIdOf(run.id, part),
    ...(parentSpan !== undefined && { parent_span_id: parentSpan }),
  };
}

function viewOf({ definition }: Run, event: RunEvent): View {
  switch (event.kind) {
    case 'started':
      return { name: 'start', data: { slug: definition.slug } };
    case 'model-answered': {
      const { promptTokens, completionTokens } = event.usage;
      const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens };
      const data = { call: event.call, usage, cost_micros: event.costMicros };
      return { name: 'model_call', data, part: modelPart(event.call) };
    }
    case 'tool-called': {
      const { id, tool, input } = event;
      return { name: 'tool_call', data: { call_id: id, tool, input }, part: id };
    }
    case 'tool-answered': {
      const { id, tool } = event;
      return { name: 'tool_result', data: { call_id: id, tool, ...resultOf(event) }, part: id };
    }
    case 'delegated': {
      const { id, slug, runId, input } = event;
      return { name: 'delegation', data: { sag: slug, run_id: runId, payload: input }, part: id };
    }
    case 'delegation-answered': {
      const { id, slug, runId } = event;
      return { name: 'delegation_result', data: { sag: slug, run_id: runId, ...resultOf(event) }, part: id };
    }
    case 'finished':
      return { name: 'finish', data: { output: event.output } };
    case 'failed':
      return { name: 'error', data: { code: event.code, message: event.message } };
    case 'cancelled':
      return { name: 'error', data: { code: 'cancelled', message: 'The run was cancelled.' } };
    default:
      return { name: 'progress', data: {} };
  }
}

function resultOf({ output, error }: { output?: unknown; error?: string }) {
  return error === undefined ? { output } : { error };
}
