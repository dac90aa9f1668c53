import { z } from 'zod';

const SAMPLERS = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
];

/** The variables of every process that is watched: an app's config.ts spreads them among its own. */
export const telemetryVariables = {
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe("The address of the operators' port, with /metrics and /health."),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe("The operators' port; 0 takes any free one, and the log's first line says which."),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base URL of an OTLP/HTTP collector; without it nothing is traced.'),
  OTEL_SERVICE_NAME: z.string().optional().describe('The name in traces, if not that of the service.'),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS)
    .default('parentbased_always_on')
    .describe('Which new traces are kept.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of new traces that the ratio samplers keep, 0 to 1.'),
};

export type TelemetrySettings = z.infer<z.ZodObject<typeof telemetryVariables>>;
