import { z } from 'zod';
import { none, page, text } from './fields.js';
import {
  GetEscalatedProposalRequestSchema,
  GetEscalatedProposalResponseSchema,
} from './generated/magistry/decisions/v1/read_pb.js';
import { publicOperation, serviceCall } from './operation.js';

const escalationStatus = z.enum(['pending', 'approved', 'rejected', 'expired']);
export type EscalationStatus = z.infer<typeof escalationStatus>;

/** A decision that waits for a person, or what became of it. */
export const escalation = z.object({
  id: z.string(),
  status: escalationStatus,
  /** The ESCALATED decision. */
  decision_id: z.number().int(),
  /** The last decision that answered it; null while none has. Pending with one: refused by the kill switch. */
  result_decision_id: z.number().int().nullable(),
  expires_at: z.string(),
});
export type Escalation = z.infer<typeof escalation>;

const anEscalation = { escalation: { of: 'decisions.list-escalations', member: 'id' } };
const params = z.strictObject({ escalation: text(64) });
const settlement = z.strictObject({ reason: text(500) });

export const listEscalations = publicOperation({
  name: 'decisions.list-escalations',
  summary: 'List what waits for a person, or did; what expires first comes first.',
  scope: 'escalations:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/escalations', style: 'problem' }],
  params: none,
  query: z.strictObject({
    ...page,
    /** asc: what expires first comes first. */
    order: z.enum(['asc', 'desc']).default('asc'),
    status: escalationStatus.optional(),
  }),
  body: none,
  responses: {
    200: z.object({ data: z.array(escalation), next_cursor: z.string(), has_more: z.boolean() }),
  },
});

export const getEscalation = publicOperation({
  name: 'decisions.get-escalation',
  summary: 'Read one escalation: whether it still waits, and what became of it.',
  sample: { params: anEscalation },
  scope: 'escalations:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/escalations/:escalation', style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 200: escalation },
});

/** The planner's, because the pure gates run again under the present policy. */
export const approveEscalation = publicOperation({
  name: 'planner.approve-escalation',
  summary: 'Approve an escalated decision of somebody else: the gates run again, the judge does not.',
  sample: { params: anEscalation, body: { reason: 'Agreed with the buyer.' } },
  scope: 'escalations:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: '/v1/escalations/:escalation/approve', style: 'problem' }],
  params,
  query: none,
  body: settlement,
  responses: { 200: escalation },
});

export const rejectEscalation = publicOperation({
  name: 'decisions.reject-escalation',
  summary: 'Reject an escalated decision and give back what it reserved.',
  sample: { params: anEscalation, body: { reason: 'Too large a step.' } },
  scope: 'escalations:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: '/v1/escalations/:escalation/reject', style: 'problem' }],
  params,
  query: none,
  body: settlement,
  responses: { 200: escalation },
});

/** Asked by the planner before it assesses an approval. */
export const getEscalatedProposal = serviceCall({
  name: 'decisions.get-escalated-proposal',
  request: GetEscalatedProposalRequestSchema,
  response: GetEscalatedProposalResponseSchema,
});
