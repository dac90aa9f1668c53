import { databaseUrl, logLevel, natsUrl, readConfig, secret, tokenAudience } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

export const settings = {
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  MAGISTRY_KEY_PEPPER: secret('Hashes API keys. With another one no key issued before is known.'),
  MAGISTRY_SEALING_SECRET: secret('Seals the first answers that are kept for a retry under the same key.'),
  MAGISTRY_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8080')
    .describe('Where users reach the gateway; the links in its error bodies lie below it.'),
  MAGISTRY_UPGRADE_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://example.com/upgrade')
    .describe('Where a refusal for want of a larger plan sends people.'),
  MAGISTRY_TOKEN_AUDIENCE: tokenAudience,
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
