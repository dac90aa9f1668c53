import { logLevel, natsUrl, readConfig, redisUrl, secret, tokenAudience } from '@magistry/config';
import { type TelemetrySettings, telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';
import { type MagsagKeySettings, magsagKeyOf, magsagSettings } from './magsag-settings.js';
import { bytesMax, port } from './setting-forms.js';

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
  /** Whom the tokens of service credentials must be for. */
  readonly tokenAudience: string;
  /** No request body is larger, whatever its operation allows. */
  readonly requestBytesMax: number;
  /** MAGSAG_API_KEY, and where it acts; undefined where no secret is shared. */
  readonly magsagKey: MagsagKeySettings | undefined;
  /** Requests a second of one credential on the routes of seed 004; undefined leaves them to its tier. */
  readonly runsPerSecond: number | undefined;
  /** Where the routes of seed 004 are reached besides /api/v1; without a slash at the end. */
  readonly runsPrefix: string;
  /** Time between saying "not ready" and closing the door, for a load balancer to notice. */
  readonly drainDelayMs: number;
  readonly logLevel: string;
}

const HOST_DEFAULT = '127.0.0.1';
const PORT_DEFAULT = 8080;

export const settings = {
  HOST: z
    .string()
    .optional()
    .describe(`The address that the gateway listens on; ${HOST_DEFAULT} when left out.`),
  PORT: port
    .optional()
    .describe(`The port that the gateway listens on; 0 takes any free one, ${PORT_DEFAULT} when left out.`),
  NATS_URL: natsUrl,
  REDIS_URL: redisUrl.describe(
    'Redis, whose data may be lost at any time but whose keys must not be evicted.',
  ),
  REDIS_CACHE_URL: redisUrl
    .optional()
    .describe('Redis for limits and replay records, which may evict; REDIS_URL when left out.'),
  MAGISTRY_REPLAY_SECRET: secret(
    'Seals the first answers that gateways keep in Redis. The same for every gateway.',
  ),
  MAGISTRY_UNAUTHENTICATED_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('Requests without a valid credential that an address may send in a minute.'),
  MAGISTRY_CONCURRENT_REQUESTS_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .default(2_000)
    .describe('Requests of one principal that may run at once.'),
  MAGISTRY_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8080')
    .describe('Where users reach the gateway; the links in its error bodies lie below it.'),
  MAGISTRY_TOKEN_AUDIENCE: tokenAudience,
  MAGISTRY_MAX_REQUEST_BYTES: bytesMax
    .default(10 * 1024 * 1024)
    .describe('No request body is larger, in bytes; NATS must take it (max_payload).'),
  MAGISTRY_DRAIN_DELAY_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(5_000)
    .describe('Milliseconds between saying "not ready" and closing the door, for a load balancer to notice.'),
  ...magsagSettings,
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

export function loadConfig(): Config & { readonly telemetry: TelemetrySettings } {
  const values = readConfig(settings, process.env);
  return {
    host: values.HOST ?? values.MAGSAG_API_HOST ?? HOST_DEFAULT,
    port: values.PORT ?? values.MAGSAG_API_PORT ?? PORT_DEFAULT,
    natsUrl: values.NATS_URL,
    redisCacheUrl: values.REDIS_CACHE_URL ?? values.MAGSAG_REDIS_URL ?? values.REDIS_URL,
    replaySecret: values.MAGISTRY_REPLAY_SECRET,
    unauthenticatedPerMinute: values.MAGISTRY_UNAUTHENTICATED_PER_MINUTE,
    concurrentRequestsMax: values.MAGISTRY_CONCURRENT_REQUESTS_MAX,
    baseUrl: values.MAGISTRY_BASE_URL.replace(/\/+$/, ''),
    tokenAudience: values.MAGISTRY_TOKEN_AUDIENCE,
    requestBytesMax: values.MAGSAG_API_MAX_REQUEST_BYTES ?? values.MAGISTRY_MAX_REQUEST_BYTES,
    magsagKey: magsagKeyOf(values),
    runsPerSecond: values.MAGSAG_RATE_LIMIT_QPS,
    runsPrefix: values.MAGSAG_API_PREFIX,
    drainDelayMs: values.MAGISTRY_DRAIN_DELAY_MS,
    logLevel: values.MAGSAG_API_DEBUG === 'true' ? 'debug' : values.LOG_LEVEL,
    telemetry: values,
  };
}
