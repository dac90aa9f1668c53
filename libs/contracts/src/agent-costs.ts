import { z } from 'zod';
import { day, none, text } from './fields.js';
import { publicOperation } from './operation.js';

const principal = z
  .string()
  .max(200)
  .regex(/^[a-z_]+[:_][A-Za-z0-9:_/.-]+$/, 'must be a principal as usage names it, such as key:12');

/** What the agents of a workspace cost: all amounts are whole millionths of a US dollar. */
const USAGE_PATH = '/api/v1/usage/agents';
/** A quarter of a year. */
export const USAGE_DAYS_MAX = 92;

/** Of calls whose cost is known. A call that still runs is among `open`, with what it may cost at most. */
const amounts = {
  cost_micros: z.int(),
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  model_calls: z.int(),
  open: z.object({ model_calls: z.int(), reserved_micros: z.int() }),
};

export const getUsage = publicOperation({
  name: 'agents.get-usage',
  summary: 'See what model calls of agents have cost in a period, by day, agent, principal or model.',
  sample: { query: 'group_by=agent' },
  scope: 'entitlements:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: USAGE_PATH, style: 'core' }],
  params: none,
  /** Days in UTC, both included; of a call the day counts on which it began. The last 30 days when left out. */
  query: z.strictObject({
    from: day.optional(),
    to: day.optional(),
    group_by: z.enum(['day', 'agent', 'principal', 'model']).default('day'),
    /** What this one spent, the credentials that it made, and those that they made: all that its limits count. */
    principal: principal.optional(),
  }),
  body: none,
  responses: {
    200: z.object({
      data: z.object({
        from: z.string(),
        to: z.string(),
        group_by: z.string(),
        total: z.object(amounts),
        /** Days in their order, else the dearest first. */
        groups: z.array(z.object({ name: z.string(), ...amounts })),
        /** Whether there are more groups than are shown; `total` has them all. */
        has_more: z.boolean(),
      }),
    }),
  },
});

const LIMITS_PATH = '/api/v1/cost-limits';
const MICROS_MAX = 1_000_000_000_000;
export const COST_LIMITS_MAX = 200;

const limit = z.object({
  id: z.int(),
  /** As usage names it, such as `key:12`; null where the whole workspace is limited. */
  principal: z.string().nullable(),
  period: z.enum(['day', 'month']),
  micros: z.int(),
  /** Of the period that goes on, with what open calls have reserved; of a key, with what the keys made by it spent. */
  used_micros: z.int(),
  available_micros: z.int(),
  /** The next period's begin, UTC. */
  reset_at: z.string(),
});

export const listCostLimits = publicOperation({
  name: 'agents.list-cost-limits',
  summary:
    'List what the workspace and its keys may spend on agents, and what they and the keys made by them have spent.',
  scope: 'cost-limits:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: LIMITS_PATH, style: 'core' }],
  params: none,
  query: none,
  body: none,
  responses: { 200: z.object({ data: z.array(limit) }) },
});

export const setCostLimit = publicOperation({
  name: 'agents.set-cost-limit',
  summary:
    'Limit what the workspace, an integration, or a key with the keys made by it may spend on agents in a day or ' +
    'month of UTC.',
  sample: { body: { period: 'month', micros: 250_000_000 } },
  scope: 'cost-limits:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'PUT', path: LIMITS_PATH, style: 'core' }],
  params: none,
  query: none,
  /**
   * Of the whole workspace without `principal` and `integration`. A limit of 0 stops whatever costs. One of the caller
   * itself, or of its makers, may be lowered, and not raised.
   */
  body: z
    .strictObject({
      principal: principal.optional(),
      integration: z.int().min(1).optional(),
      period: limit.shape.period,
      micros: z.int().min(0).max(MICROS_MAX),
    })
    .refine(({ principal, integration }) => principal === undefined || integration === undefined, {
      path: ['integration'],
      error: 'must be left out where `principal` is given',
    }),
  responses: { 200: z.object({ data: limit }) },
});

export const deleteCostLimit = publicOperation({
  name: 'agents.delete-cost-limit',
  summary: 'Lift a limit.',
  sample: { params: { id: { of: 'agents.list-cost-limits', member: 'id' } } },
  scope: 'cost-limits:delete',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'DELETE', path: `${LIMITS_PATH}/:id`, style: 'core' }],
  params: z.strictObject({ id: text(64) }),
  query: none,
  body: none,
  responses: { 204: none },
});
