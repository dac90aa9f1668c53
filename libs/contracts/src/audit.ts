import { z } from 'zod';
import { AUDIT_ACTIONS } from './audit-actions.js';
import { instant, none, page, text } from './fields.js';
import { publicOperation } from './operation.js';

const action = z.enum(AUDIT_ACTIONS);

/** Who did what to whom. */
const auditEntry = z.object({
  id: z.string(),
  action,
  actor: z.string(),
  subject: z.string(),
  /** Names, numbers and lists of names; by action. Never a secret. */
  details: z.record(z.string(), z.unknown()),
  occurred_at: z.string(),
  /** Both null where no request caused it. */
  request_id: z.string().nullable(),
  address: z.string().nullable(),
});

export const listAuditEntries = publicOperation({
  name: 'decisions.list-audit-entries',
  summary: 'Read who did what in the workspace, newest first, as far as the filters fit.',
  sample: { query: 'action=killswitch.flipped&limit=20' },
  scope: 'audit:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/audit', style: 'problem' }],
  params: none,
  query: z.strictObject({
    ...page,
    order: z.enum(['asc', 'desc']).default('desc'),
    action: action.optional(),
    actor: text(255).optional(),
    since: instant.optional(),
  }),
  body: none,
  responses: {
    200: z.object({ data: z.array(auditEntry), next_cursor: z.string(), has_more: z.boolean() }),
  },
});
