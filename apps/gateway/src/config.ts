import { logLevel, natsUrl, readConfig } from '@magistry/config';
import { type TelemetrySettings, telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly natsUrl: string;
  /** Where users reach the gateway, without a slash at the end; problem types lie below it. */
  readonly baseUrl: string;
  /** No request body is larger, whatever its operation allows. */
  readonly requestBytesMax: number;
  /** Time between saying "not ready" and closing the door, for a load balancer to notice. */
  readonly drainDelayMs: number;
  readonly logLevel: string;
}

export const settings = {
  HOST: z.string().default('127.0.0.1').describe('The address that the gateway listens on.'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .describe('The port that the gateway listens on; 0 takes any free one.'),
  NATS_URL: natsUrl,
  MAGISTRY_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8080')
    .describe('Where users reach the gateway; the links in its error bodies lie below it.'),
  MAGISTRY_MAX_REQUEST_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(10 * 1024 * 1024)
    .describe('No request body is larger, in bytes; NATS must take it (max_payload).'),
  MAGISTRY_DRAIN_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe('Milliseconds between saying "not ready" and closing the door, for a load balancer to notice.'),
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

export function loadConfig(): Config & { readonly telemetry: TelemetrySettings } {
  const values = readConfig(settings, process.env);
  return {
    host: values.HOST,
    port: values.PORT,
    natsUrl: values.NATS_URL,
    baseUrl: values.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
    requestBytesMax: values.MAGISTRY_MAX_REQUEST_BYTES,
    drainDelayMs: values.MAGISTRY_DRAIN_DELAY_MS,
    logLevel: values.LOG_LEVEL,
    telemetry: values,
  };
}
