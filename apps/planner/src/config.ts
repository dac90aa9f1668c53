import { readConfig } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

/** The only reader of the environment. */
export const config = readConfig(
  {
    NATS_URL: z.url(),
    LOG_LEVEL: z.string().default('info'),
    ...telemetryVariables,
  },
  process.env,
);
