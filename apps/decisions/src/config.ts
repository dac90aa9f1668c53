import { readConfig } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

const secret = z.string().min(32, 'must be at least 32 characters');

const database = { DATABASE_URL: z.url() };

/** What the service needs. This file is the only reader of the environment. */
export function serviceConfig() {
  return readConfig(
    {
      ...database,
      NATS_URL: z.url(),
      LOG_LEVEL: z.string().default('info'),
      MAGISTRY_CURSOR_SECRET: secret,
      MAGISTRY_SEALING_SECRET: secret,
      ...telemetryVariables,
    },
    process.env,
  );
}

/** What the verifier needs: a role that may read the whole ledger. */
export function verifierConfig() {
  return readConfig(database, process.env);
}
