import { readConfig } from '@magistry/config';
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

export function loadConfig(): Config {
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
      MAGISTRY_DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(5_000),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    },
    process.env,
  );
  return {
    host: settings.HOST,
    port: settings.PORT,
    natsUrl: settings.NATS_URL,
    baseUrl: settings.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
    requestBytesMax: settings.MAGISTRY_MAX_REQUEST_BYTES,
    drainDelayMs: settings.MAGISTRY_DRAIN_DELAY_MS,
    logLevel: settings.LOG_LEVEL,
  };
}
