import { readConfig } from '@magistry/config';
import { telemetryVariables } from '@magistry/telemetry';
import { z } from 'zod';

const PEPPER_LENGTH_MIN = 32;

export const config = readConfig(
  {
    DATABASE_URL: z.url(),
    NATS_URL: z.url(),
    MAGISTRY_KEY_PEPPER: z.string().min(PEPPER_LENGTH_MIN),
    LOG_LEVEL: z.string().default('info'),
    ...telemetryVariables,
  },
  process.env,
);
