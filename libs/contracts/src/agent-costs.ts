import { z } from 'zod';
import { day, none } from './fields.js';
import { publicOperation } from './operation.js';

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
