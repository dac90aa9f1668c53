import {
  type Attributes,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isFailure, type Outcome } from './outcome.js';

/** One piece of work of a trace. */
export interface Span {
  /** For whatever this work calls: W3C trace context. */
  readonly traceparent: string;
  /** Ends it once; later ends count for nothing. */
  end(outcome: Outcome, attributes?: Attributes): void;
}

export interface SpanOptions {
  /** Who the work is done for; without it, or with a malformed one, a trace begins. */
  readonly traceparent?: string | undefined;
  readonly kind?: 'server' | 'client' | 'internal';
  readonly attributes?: Attributes;
  /** Other work that this belongs to. */
  readonly links?: readonly string[];
  readonly startUnixMs?: number;
  readonly endUnixMs?: number;
}

/** Work that is done, as a span under the id that it has elsewhere. */
export interface FinishedSpan {
  readonly name: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** What it is a part of. Without a sampled one it is not recorded. */
  readonly traceparent: string;
  readonly kind?: 'client' | 'internal';
  readonly attributes: Attributes;
  readonly startUnixMs: number;
  readonly endUnixMs: number;
  /** What went wrong, by a name of a closed list. */
  readonly error?: string | undefined;
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

let tracer: Tracer | undefined;
let wishedSpanId: string | undefined;

/** Every span from now on goes to this tracer; undefined ends tracing. */
export function traceWith(chosen: Tracer | undefined): void {
  tracer = chosen;
}

/** The id that the span which is being started is to have, if it is a certain one. */
export function takeWishedSpanId(): string | undefined {
  const wished = wishedSpanId;
  wishedSpanId = undefined;
  return wished;
}

/** Begins a span. Undefined while nothing is traced, which then costs nothing. */
export function startSpan(name: string, options: SpanOptions): Span | undefined {
  return tracer && begin(tracer, name, options);
}

/** Whether a span of this request would be kept. */
export function isTraced(traceparent: string): boolean {
  return tracer !== undefined && (parse(traceparent)?.traceFlags ?? 0) % 2 === 1;
}

/** Records a span after the fact, as part of a trace that is kept. */
export function recordSpan(finished: FinishedSpan): void {
  const { name, spanId, traceparent, kind = 'internal', attributes, startUnixMs, endUnixMs } = finished;
  const parent = parse(traceparent);
  if (!tracer || !parent || !isTraced(traceparent)) return;
  wishedSpanId = spanId;
  const options = { kind: KINDS[kind], attributes, startTime: startUnixMs };
  const span = tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, parent));
  if (finished.error !== undefined) fail(span, finished.error);
  span.end(endUnixMs);
}

function begin(chosen: Tracer, name: string, options: SpanOptions): Span {
  const { traceparent, kind = 'internal', attributes = {}, links = [], startUnixMs, endUnixMs } = options;
  const parent = parse(traceparent);
  const span = chosen.startSpan(
    name,
    {
      kind: KINDS[kind],
      attributes,
      links: links.flatMap((link) => parse(link) ?? []).map((context) => ({ context })),
      ...(startUnixMs !== undefined && { startTime: startUnixMs }),
    },
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  );
  return {
    traceparent: format(span.spanContext()),
    end: (outcome, more) => finish(span, outcome, more, endUnixMs),
  };
}

function finish(span: SdkSpan, outcome: Outcome, attributes: Attributes | undefined, endUnixMs?: number) {
  if (!span.isRecording()) return;
  span.setAttribute('magistry.outcome', outcome);
  if (attributes) span.setAttributes(attributes);
  if (isFailure(outcome)) fail(span, outcome);
  span.end(endUnixMs);
}

function fail(span: SdkSpan, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

function parse(traceparent: string | undefined): SpanContext | undefined {
  const [version, traceId = '', spanId = '', flags = ''] = (traceparent ?? '').split('-');
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) || 0, isRemote: true };
  return version === '00' && isSpanContextValid(context) ? context : undefined;
}

function format({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
