import { z } from 'zod';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const SECRET_LENGTH_MIN = 32;

/** A value that nobody but its service may know. */
export function secret(description: string) {
  return z
    .string()
    .min(SECRET_LENGTH_MIN, `must be at least ${SECRET_LENGTH_MIN} characters`)
    .meta({ description, secret: true });
}

export const natsUrl = z
  .url({ protocol: /^(nats|tls)$/ })
  .describe(
    "Where NATS is and the service's user there: nats://user:password@host:port, both percent-encoded.",
  );

export const databaseUrl = z
  .url()
  .describe("Postgres, as the service's own role: postgresql://role:password@host:port/database.");

/** Described where it is used: what Redis may do with its keys differs. */
export const redisUrl = z.url({ protocol: /^rediss?$/ });

export const logLevel = z
  .enum(LEVELS)
  .default('info')
  .describe(`From which level on the log is written: ${LEVELS.join(', ')}.`);

/** One value for whoever signs tokens and whoever verifies them. */
export const tokenAudience = z
  .string()
  .min(1)
  .default('api.magistry.io')
  .describe(
    'Whom the tokens of service credentials are for: their "aud". The same for identity and gateways.',
  );
