import { readConfig } from '@magistry/config';
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
  readonly logLevel: string;
}

export function loadConfig(): Config & { readonly telemetry: TelemetrySettings } {
  const settings = readConfig(
    {
      HOST: z.string().default('127.0.0.1'),
      PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
      NATS_URL: z.url({ protocol: /^(nats|tls)$/ }),
      MAGISTRY_BASE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
      MAGISTRY_MAX_REQUEST_BYTES: z.coerce
        .number()
        .int()
        .min(1)
        .default(10 * 1024 * 1024),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
      ...telemetryVariables,
    },
    process.env,
  );
  return {
    host: settings.HOST,
    port: settings.PORT,
    natsUrl: settings.NATS_URL,
    baseUrl: settings.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
    requestBytesMax: settings.MAGISTRY_MAX_REQUEST_BYTES,
    logLevel: settings.LOG_LEVEL,
    telemetry: settings,
  };
}
