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
  HTTP_HOST: z.string().default('127.0.0.1').describe('The address that takes OAuth from gateways.'),
  HTTP_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('The port that takes OAuth from gateways; 0 takes any free one.'),
  MAGISTRY_HTTP_URL: z
    .url({ protocol: /^http$/ })
    .optional()
    .describe('Where gateways reach that port; the address and port themselves when left out.'),
  MAGISTRY_SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Sends mail, as smtp://user:password@host:port. Without it letters are written to the log.'),
  MAGISTRY_MAIL_FROM: z
    .string()
    .min(3)
    .default('Magistry <no-reply@magistry.example>')
    .describe('The sender of mail.'),
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
