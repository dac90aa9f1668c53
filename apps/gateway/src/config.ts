import { readConfig } from '@magistry/config';
import { z } from 'zod';

export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly natsUrl: string;
  /** Limits, claims and replays. May be wiped at any time; wants eviction, where queues must not have it. */
  readonly redisCacheUrl: string;
  /** Seals kept answers. */
  readonly replaySecret: string;
  /** Calls without valid credentials that an address may make. */
  readonly unauthenticatedPerMinute: number;
  /** Requests of one credential that may be in flight at once, over all gateways. */
  readonly concurrentRequestsMax: number;
  /** Where users reach the gateway, without a slash at the end; problem types lie below it. */
  readonly baseUrl: string;
  /** No request body is larger, whatever its operation allows. */
  readonly requestBytesMax: number;
  readonly logLevel: string;
}

const redisUrl = z.url({ protocol: /^rediss?$/ });

export function loadConfig(): Config {
  const settings = readConfig(
    {
      HOST: z.string().default('127.0.0.1'),
      PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
      NATS_URL: z.url({ protocol: /^(nats|tls)$/ }),
      REDIS_URL: redisUrl,
      REDIS_CACHE_URL: redisUrl.optional(),
      MAGISTRY_REPLAY_SECRET: z.string().min(32),
      MAGISTRY_UNAUTHENTICATED_PER_MINUTE: z.coerce.number().int().min(1).default(60),
      MAGISTRY_CONCURRENT_REQUESTS_MAX: z.coerce.number().int().min(1).default(2_000),
      MAGISTRY_BASE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
      MAGISTRY_MAX_REQUEST_BYTES: z.coerce
        .number()
        .int()
        .min(1)
        .default(10 * 1024 * 1024),
      LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    },
    process.env,
  );
  return {
    host: settings.HOST,
    port: settings.PORT,
    natsUrl: settings.NATS_URL,
    redisCacheUrl: settings.REDIS_CACHE_URL ?? settings.REDIS_URL,
    replaySecret: settings.MAGISTRY_REPLAY_SECRET,
    unauthenticatedPerMinute: settings.MAGISTRY_UNAUTHENTICATED_PER_MINUTE,
    concurrentRequestsMax: settings.MAGISTRY_CONCURRENT_REQUESTS_MAX,
    baseUrl: settings.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
    requestBytesMax: settings.MAGISTRY_MAX_REQUEST_BYTES,
    logLevel: settings.LOG_LEVEL,
  };
}
