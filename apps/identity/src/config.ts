import { databaseUrl, logLevel, natsUrl, readConfig, secret } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';

export const settings = {
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  MAGISTRY_KEY_PEPPER: secret('Hashes API keys. With another one no key issued before is known.'),
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
