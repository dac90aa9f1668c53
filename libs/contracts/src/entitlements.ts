import { z } from 'zod';
import { none, storableJson, text } from './fields.js';
import { publicOperation } from './operation.js';
import { TIERS } from './tiers.js';

/** What a workspace's tier includes, and how much of it is used (seed 003). Unlimited is null. */
const PATH = '/api/v1/entitlements';
const QUANTITY_MAX = 1e15;
const METADATA_BYTES_MAX = 4 * 1024;

const amount = z.number();
const limit = z.number().nullable();

export const checkEntitlement = publicOperation({
  name: 'identity.check-entitlement',
  summary: 'Ask whether the plan allows some more of a feature.',
  sample: { query: 'feature=posts' },
  scope: 'entitlements:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/check`, style: 'core' }],
  params: none,
  query: z.strictObject({
    feature: text(64),
    quantity: z
      .string()
      .regex(/^\d{1,16}$/, 'must be a whole number')
      .transform(Number)
      .pipe(z.number().min(1).max(QUANTITY_MAX))
      .default(1),
  }),
  body: none,
  responses: {
    200: z.object({
      allowed: z.boolean(),
      feature: z.string(),
      reason: z.literal('LIMIT_EXCEEDED').optional(),
      message: z.string().optional(),
      current_usage: amount,
      limit,
      available: limit,
      upgrade_url: z.string().optional(),
    }),
  },
});

export const recordUsage = publicOperation({
  name: 'identity.record-usage',
  summary: 'Count the use of a feature, as far as the plan allows.',
  sample: { body: { feature: 'posts' } },
  scope: 'entitlements:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: `${PATH}/usage`, style: 'core' }],
  params: none,
  query: none,
  body: z.strictObject({
    feature: text(64),
    quantity: z.int().min(1).max(QUANTITY_MAX).default(1),
    metadata: z
      .record(z.string(), z.unknown())
      .refine(storableJson(METADATA_BYTES_MAX), `must be plain JSON of at most ${METADATA_BYTES_MAX} bytes`)
      .optional(),
  }),
  responses: {
    200: z.object({ recorded: z.literal(true), feature: z.string(), current_usage: amount, limit }),
  },
});

export const getUsageSummary = publicOperation({
  name: 'identity.get-usage-summary',
  summary: 'See what is used of every feature, and when it starts anew.',
  scope: 'entitlements:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/summary`, style: 'core' }],
  params: none,
  query: none,
  body: none,
  responses: {
    200: z.object({
      data: z.object({
        workspace_id: z.int(),
        tier: z.enum(TIERS),
        entitlements: z.record(
          z.string(),
          z.object({
            used: amount,
            limit,
            available: limit,
            percentage: z.number().nullable(),
            reset_at: z.string().optional(),
            unit: z.string().optional(),
          }),
        ),
      }),
    }),
  },
});
