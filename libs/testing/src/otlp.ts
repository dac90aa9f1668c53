import { BinaryReader } from '@bufbuild/protobuf/wire';

/** A span as a collector receives it: opentelemetry/proto/trace/v1/trace.proto, as far as tests look. */
export interface CollectedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly startNanos: bigint;
  readonly endNanos: bigint;
  readonly attributes: Readonly<Record<string, string>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
}

type Fields = ReadonlyMap<number, readonly unknown[]>;

const STATUS_ERROR = 2;

/** The spans of an ExportTraceServiceRequest. */
export function readSpans(bytes: Uint8Array): CollectedSpan[] {
  return messages(read(bytes), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = resource ? (attributesOf(resource, 1)['service.name'] ?? '') : '';
    const scopes = messages(resourceSpans, 2);
    return scopes.flatMap((scope) => messages(scope, 2).map((span) => spanOf(service, span)));
  });
}

function spanOf(service: string, span: Fields): CollectedSpan {
  const [status] = messages(span, 15);
  return {
    service,
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(first(span, 6) ?? 0),
    startNanos: first(span, 7) as bigint,
    endNanos: first(span, 8) as bigint,
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    isError: status !== undefined && Number(first(status, 3) ?? 0) === STATUS_ERROR,
  };
}

/** KeyValue pairs; integers as text. */
function attributesOf(message: Fields, field: number): Record<string, string> {
  const pairs = messages(message, field).map((pair) => {
    const [value = new Map()] = messages(pair, 2);
    return [text(pair, 1), text(value, 1) || String(first(value, 3) ?? '')] as const;
  });
  return Object.fromEntries(pairs);
}

function read(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, unknown[]>();
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    const values = fields.get(field) ?? [];
    values.push(readValue(reader, field, wireType));
    fields.set(field, values);
  }
  return fields;
}

function readValue(reader: BinaryReader, field: number, wireType: number): unknown {
  switch (wireType) {
    case 0:
      return reader.uint64();
    case 1:
      return BigInt(reader.fixed64());
    case 2:
      return reader.bytes();
    case 5:
      return reader.fixed32();
    default:
      throw new Error(`field ${field} has wire type ${wireType}, which OTLP does not use`);
  }
}

function first(message: Fields, field: number): unknown {
  return message.get(field)?.[0];
}

function messages(message: Fields, field: number): Fields[] {
  return (message.get(field) ?? []).map((bytes) => read(bytes as Uint8Array));
}

function text(message: Fields, field: number): string {
  return Buffer.from((first(message, field) as Uint8Array | undefined) ?? []).toString('utf8');
}

function hex(message: Fields, field: number): string {
  return Buffer.from((first(message, field) as Uint8Array | undefined) ?? []).toString('hex');
}
