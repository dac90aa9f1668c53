import { databaseUrl, logLevel, natsUrl, readConfig, secret } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';

const database = { DATABASE_URL: databaseUrl };

/** What the service needs. This file is the only reader of the environment. */
export const settings = {
  ...database,
  NATS_URL: natsUrl,
  LOG_LEVEL: logLevel,
  MAGISTRY_CURSOR_SECRET: secret('Seals the cursors of lists, so that a client cannot make its own.'),
  MAGISTRY_SEALING_SECRET: secret('Seals the first answers that are kept for a retry under the same key.'),
  ...telemetryVariables,
};

export function serviceConfig() {
  return readConfig(settings, process.env);
}

/** What the verifier needs: a role that may read the whole ledger. */
export function verifierConfig() {
  return readConfig(database, process.env);
}
