import { databaseUrl, logLevel, natsUrl, readConfig, redisUrl, secret } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

export const settings = {
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  REDIS_URL: redisUrl.describe(
    'Redis for queues and pace, whose data may be lost at any time but whose keys must not be evicted.',
  ),
  MAGISTRY_SEALING_SECRET: secret('Seals the first answers that are kept for a retry under the same key.'),
  MAGISTRY_WEBHOOK_SECRET: secret(
    'Seals the secrets that sign deliveries. docs/deployment.md says how to replace it: else none of them opens.',
  ),
  MAGISTRY_WEBHOOK_SECRET_OTHER: secret(
    'Opens what it has sealed, and seals nothing: the MAGISTRY_WEBHOOK_SECRET before, or the one to come.',
  ).optional(),
  MAGISTRY_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8080')
    .describe('Where users reach the gateway; the links in its error bodies lie below it.'),
  MAGISTRY_ALLOW_LOOPBACK_WEBHOOKS: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true lets endpoints be at 127.0.0.1 and localhost, any port, http too: for local work alone.'),
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
