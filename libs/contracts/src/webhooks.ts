import { z } from 'zod';
import { none, text } from './fields.js';
import { publicOperation } from './operation.js';

/** Webhook endpoints of a workspace (seed 003; design: api.md section 9, "Webhooks in detail"). */
const endpoint = z.object({
  id: z.int(),
  url: z.string().nullable(),
  events: z.array(z.string()),
  is_active: z.boolean(),
  success_count: z.int(),
  failure_count: z.int(),
  consecutive_failures: z.int(),
  last_delivery_at: z.string().nullable(),
  created_at: z.string(),
});

export const getEndpoint = publicOperation({
  name: 'webhooks.get-endpoint',
  summary: 'Read one endpoint, without its secret.',
  sample: { params: { id: '1' } },
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/api/v1/webhooks/:id', style: 'core' }],
  params: z.strictObject({ id: text(64) }),
  query: none,
  body: none,
  responses: { 200: z.object({ data: endpoint }) },
});
