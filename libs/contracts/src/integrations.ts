import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { listOf, none, text } from './fields.js';
import {
  SetIntegrationSuspensionRequestSchema,
  SetIntegrationSuspensionResponseSchema,
} from './generated/magistry/agents/v1/integrations_pb.js';
import { publicOperation, serviceCall } from './operation.js';

/** Integrations bind a key (`magus_sk_…`) to one agent (seed 002, Setup). */
const PATH = '/api/v1/integrations';
const GRACE_HOURS_MAX = 720;
const CREDITS_MAX = 1_000_000_000;

const anIntegration = { id: { of: 'agents.list-integrations', member: 'id' } };
const params = z.strictObject({ id: text(64) });
const wishedStatus = z.enum(['active', 'disabled']);
/** Suspended by an operator, whatever its workspace wishes. */
const status = z.enum([...wishedStatus.options, 'suspended']);

const integration = z.object({
  id: z.int(),
  name: z.string(),
  agent: z.string(),
  status,
  daily_credit_limit: z.int().nullable(),
  created_at: z.string(),
});

const list = declareList({
  fields: ['id', 'name', 'agent', 'status', 'daily_credit_limit', 'created_at'],
  sortable: ['id', 'name', 'created_at'],
  includes: [],
  statuses: status.options,
  times: ['created'],
  isSearchable: true,
});
const keyed = integration.extend({ key: z.string() });

export const createIntegration = publicOperation({
  name: 'agents.create-integration',
  summary: 'Bind a new key to an agent. The key is in this answer and in no other.',
  sample: { body: { name: 'Support widget', agent: 'catalog-assistant' } },
  scope: 'integrations:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: PATH, style: 'core' }],
  params: none,
  query: none,
  body: z.strictObject({
    name: text(255),
    agent: text(64),
    daily_credit_limit: z.int().min(0).max(CREDITS_MAX).nullish(),
  }),
  responses: { 201: z.object({ message: z.string(), data: keyed }) },
});

export const listIntegrations = publicOperation({
  name: 'agents.list-integrations',
  summary: 'List the integrations of the workspace, without their keys.',
  scope: 'integrations:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'core' }],
  params: none,
  query: list.query,
  body: none,
  responses: { 200: listOf(integration.partial()) },
});

export const updateIntegration = publicOperation({
  name: 'agents.update-integration',
  summary: 'Disable an integration, or let it work again.',
  sample: { params: anIntegration, body: { status: 'active' } },
  scope: 'integrations:write',
  rateClass: 'write',
  idempotency: 'none',
  routes: [{ method: 'PATCH', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: none,
  body: z.strictObject({
    status: wishedStatus.optional(),
    name: text(255).optional(),
    daily_credit_limit: z.int().min(0).max(CREDITS_MAX).nullish(),
  }),
  responses: { 200: z.object({ data: integration }) },
});

export const rotateIntegration = publicOperation({
  name: 'agents.rotate-integration',
  summary: 'Replace the key of an integration; the old one works on for its grace period.',
  sample: { params: anIntegration, body: { grace_period_hours: 24 } },
  scope: 'integrations:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: `${PATH}/:id/rotate`, style: 'core' }],
  params,
  query: none,
  body: z.strictObject({ grace_period_hours: z.int().min(0).max(GRACE_HOURS_MAX).default(24) }),
  responses: {
    200: z.object({ message: z.string(), data: keyed.extend({ grace_period_ends_at: z.string() }) }),
  },
});

/** Asked by operators. */
export const setIntegrationSuspension = serviceCall({
  name: 'agents.set-integration-suspension',
  request: SetIntegrationSuspensionRequestSchema,
  response: SetIntegrationSuspensionResponseSchema,
});
