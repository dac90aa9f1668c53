import { redisUrl } from '@magistry/config';
import { z } from 'zod';
import { bytesMax, port } from './setting-forms.js';

/** What seed 004 (Base URL and Configuration) lets an operator set at the gateway, under its own names. */
export const magsagSettings = {
  MAGSAG_API_KEY: z.string().min(8, 'must be at least 8 characters').optional().meta({
    description:
      'A shared secret that opens agents and runs (seed 004) in MAGSAG_WORKSPACE; none when left out.',
    secret: true,
  }),
  MAGSAG_WORKSPACE: z
    .string()
    .min(1)
    .optional()
    .describe('The slug of the workspace in which MAGSAG_API_KEY and commands on GitHub act.'),
  MAGSAG_RATE_LIMIT_QPS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe(
      "Requests a second on agents, runs and GitHub's webhook of one credential, or of an address that has none; " +
        "without it, the tier's limit and 6,000 deliveries a minute.",
    ),
  MAGSAG_REDIS_URL: redisUrl
    .optional()
    .describe('Redis for limits, where REDIS_CACHE_URL does not name one.'),
  MAGSAG_API_HOST: z.string().min(1).optional().describe('What HOST is where that is left out.'),
  MAGSAG_API_PORT: port.optional().describe('What PORT is where that is left out.'),
  MAGSAG_API_PREFIX: z
    .string()
    .regex(/^(\/[A-Za-z0-9._-]+)+$/, 'must be a path such as /api/v1, without a slash at its end')
    .default('/api/v1')
    .describe('Another prefix under which agents, runs and GitHub are reached, besides /api/v1.'),
  MAGSAG_API_MAX_REQUEST_BYTES: bytesMax
    .optional()
    .describe(
      'What MAGISTRY_MAX_REQUEST_BYTES is, by the name of seed 004; this one counts if both are set.',
    ),
  MAGSAG_API_DEBUG: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether the log is written from level debug on, whatever LOG_LEVEL says.'),
};

/** Who stands behind MAGSAG_API_KEY. */
export interface MagsagKeySettings {
  readonly secret: string;
  /** A slug. */
  readonly workspace: string;
}

/** Throws where a secret is set and no workspace that it could act in. */
export function magsagKeyOf(values: {
  readonly MAGSAG_API_KEY?: string | undefined;
  readonly MAGSAG_WORKSPACE?: string | undefined;
}): MagsagKeySettings | undefined {
  const { MAGSAG_API_KEY: secret, MAGSAG_WORKSPACE: workspace } = values;
  if (secret === undefined) return undefined;
  if (workspace !== undefined) return { secret, workspace };
  throw new Error(
    'These environment variables need mending:\n  MAGSAG_WORKSPACE: says where MAGSAG_API_KEY acts',
  );
}
