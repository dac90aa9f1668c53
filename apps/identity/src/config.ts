import { readConfig } from '@magistry/config';
import { z } from 'zod';

const SECRET_LENGTH_MIN = 32;

export const config = readConfig(
  {
    DATABASE_URL: z.url(),
    NATS_URL: z.url(),
    MAGISTRY_KEY_PEPPER: z.string().min(SECRET_LENGTH_MIN),
    MAGISTRY_SEALING_SECRET: z.string().min(SECRET_LENGTH_MIN),
    MAGISTRY_BASE_URL: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .default('http://127.0.0.1:8080'),
    MAGISTRY_UPGRADE_URL: z.url({ protocol: /^https?$/ }).default('https://example.com/upgrade'),
    LOG_LEVEL: z.string().default('info'),
  },
  process.env,
);
