import { readConfig } from '@magistry/config';
import { z } from 'zod';

const secret = z.string().min(32, 'must be at least 32 characters');

/** The only reader of the environment. */
export const config = readConfig(
  {
    DATABASE_URL: z.url(),
    NATS_URL: z.url(),
    LOG_LEVEL: z.string().default('info'),
    MAGISTRY_CURSOR_SECRET: secret,
    MAGISTRY_SEALING_SECRET: secret,
  },
  process.env,
);
