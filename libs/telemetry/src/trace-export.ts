import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_NAMESPACE } from '@opentelemetry/semantic-conventions';
import type { Logger } from './logger.js';
import type { TelemetrySettings } from './settings.js';
import { takeWishedSpanId, traceWith } from './tracing.js';

/** Spans wait this long for company; those that find the queue full are dropped, and no request waits for it. */
const GATHER_MS = 1_000;
const QUEUED_SPANS_MAX = 4_096;
const EXPORT_TIMEOUT_MS = 5_000;
/** A stopping process gives a slow collector no more than this. */
const FLUSH_TIMEOUT_MS = 2_000;
/** A batch of the ledger names every command in it. */
const LINKS_MAX = 512;

/** Sends spans to the collector of the settings, if they name one. The result sends what is left and ends it. */
export function startTraceExport(
  service: string,
  settings: TelemetrySettings,
  logger: Logger,
): () => Promise<void> {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return async () => {};
  reportFaults(logger);
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: GATHER_MS,
    maxQueueSize: QUEUED_SPANS_MAX,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: settings.OTEL_SERVICE_NAME ?? service,
      [ATTR_SERVICE_NAMESPACE]: 'magistry',
    }),
    sampler: samplerOf(settings),
    idGenerator: idsOf(new RandomIdGenerator()),
    spanLimits: { linkCountLimit: LINKS_MAX },
    spanProcessors: [processor],
  });
  traceWith(provider.getTracer('magistry'));
  return async () => {
    traceWith(undefined);
    await Promise.race([provider.shutdown().catch(() => undefined), afterFlushTimeout()]);
  };
}

function idsOf(random: IdGenerator): IdGenerator {
  return {
    generateTraceId: () => random.generateTraceId(),
    generateSpanId: () => takeWishedSpanId() ?? random.generateSpanId(),
  };
}

function samplerOf(settings: TelemetrySettings): Sampler {
  const name = settings.OTEL_TRACES_SAMPLER;
  const root = rootSamplerOf(name, settings.OTEL_TRACES_SAMPLER_ARG);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function rootSamplerOf(name: string, ratio: number): Sampler {
  if (name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(ratio);
  return name.endsWith('always_off') ? new AlwaysOffSampler() : new AlwaysOnSampler();
}

// The library tells of a dead collector and of dropped spans through a logger of its own.
function reportFaults(logger: Logger): void {
  const warn = (detail: string) => logger.warn({ detail }, 'spans could not be sent');
  const ignore = () => undefined;
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function afterFlushTimeout(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS).unref());
}
