import { hash } from 'node:crypto';
import type { Run } from './run.js';

/** Span ids have 16 hex digits. Made from what the span is of, they are the same after every takeover. */
export function spanIdOf(runId: string, part = ''): string {
  return hash('sha256', `${runId} ${part}`, 'hex').slice(0, 16);
}

/** The part of a run that one call of its model is; a tool call's is its id. */
export function modelPart(call: number): string {
  return `model-${call}`;
}

/** The span that a whole run is a part of; undefined for one that no run asked for. */
export function parentSpanIdOf({ parentId, parentCallId }: Pick<Run, 'parentId' | 'parentCallId'>) {
  return parentId === null ? undefined : spanIdOf(parentId, parentCallId ?? '');
}

/** The trace of the request that asked for the run, going on below the span; empty where there is none. */
export function traceparentBelow(
  { caller: { traceparent = '' } }: Pick<Run, 'caller'>,
  spanId: string,
): string {
  const [version, traceId, , flags] = traceparent.split('-');
  return flags === undefined ? '' : [version, traceId, spanId, flags].join('-');
}
