import { databaseUrl, logLevel, natsUrl, readConfig } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';

export const settings = {
  DATABASE_URL: databaseUrl,
  NATS_URL: natsUrl,
  LOG_LEVEL: logLevel,
  ...telemetryVariables,
};

/** The only reader of the environment. */
export function loadConfig() {
  return readConfig(settings, process.env);
}
