import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { instant, listOf, none, text } from './fields.js';
import { publicOperation } from './operation.js';
import { TIERS } from './tiers.js';
import { API_VERSIONS } from './versions/published.js';

/** API keys of the workspace that a request acts in (seed 003). A key's secret is shown once. */
const PATH = '/api/v1/api-keys';
const SCOPES_MAX = 200;
const GRACE_HOURS_DEFAULT = 24;
const GRACE_HOURS_MAX = 720;

const aKey = { id: { of: 'identity.list-api-keys', member: 'id' } };
const params = z.strictObject({ id: text(64) });
const tier = z.enum(TIERS);

const apiKey = z.object({
  id: z.int(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  rate_limit_tier: tier,
  last_used_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  created_at: z.string(),
  workspace: z.object({ id: z.int(), name: z.string(), slug: z.string(), tier }).optional(),
});

const list = declareList({
  fields: ['id', 'name', 'prefix', 'scopes', 'rate_limit_tier', 'last_used_at', 'expires_at', 'created_at'],
  sortable: ['id', 'name', 'created_at'],
  includes: ['workspace'],
  statuses: ['active', 'expired'],
  times: ['created'],
  isSearchable: true,
});

export const listApiKeys = publicOperation({
  name: 'identity.list-api-keys',
  summary: 'List the keys of the workspace, without their secrets.',
  sample: { query: 'sort=-id' },
  scope: 'api-keys:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'core' }],
  params: none,
  query: list.query,
  body: none,
  responses: { 200: listOf(apiKey.partial()) },
});

export const getApiKey = publicOperation({
  name: 'identity.get-api-key',
  summary: 'Read one key, without its secret.',
  sample: { params: aKey },
  scope: 'api-keys:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: list.itemQuery,
  body: none,
  responses: { 200: z.object({ data: apiKey.partial() }) },
});

/** `POST /api/v1/api-keys`; `identity.create-api-key` is the platform's own. */
export const issueApiKey = publicOperation({
  name: 'identity.issue-api-key',
  summary: 'Make a key. Its secret is in this answer and in no other.',
  sample: { body: { name: 'Content site', scopes: ['api-keys:write'] } },
  scope: 'api-keys:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: PATH, style: 'core' }],
  params: none,
  query: none,
  body: z.strictObject({
    name: text(255),
    scopes: z.array(text(100)).min(1).max(SCOPES_MAX).optional(),
    rate_limit_tier: tier.optional(),
    expires_at: instant.nullish(),
    api_version: z.enum(API_VERSIONS).optional(),
  }),
  responses: {
    201: z.object({
      message: z.string(),
      data: apiKey
        .pick({
          id: true,
          name: true,
          scopes: true,
          rate_limit_tier: true,
          expires_at: true,
          created_at: true,
        })
        .extend({ key: z.string() }),
    }),
  },
});

export const rotateApiKey = publicOperation({
  name: 'identity.rotate-api-key',
  summary: 'Replace a key; the old one works on for its grace period.',
  sample: { params: aKey, body: { grace_period_hours: 24 } },
  scope: 'api-keys:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: `${PATH}/:id/rotate`, style: 'core' }],
  params,
  query: none,
  body: z.strictObject({
    grace_period_hours: z.int().min(0).max(GRACE_HOURS_MAX).default(GRACE_HOURS_DEFAULT),
  }),
  responses: {
    200: z.object({
      message: z.string(),
      data: apiKey
        .pick({ id: true, name: true, scopes: true })
        .extend({ key: z.string(), grace_period_ends_at: z.string() }),
    }),
  },
});

export const revokeApiKey = publicOperation({
  name: 'identity.revoke-api-key',
  summary: 'End a key: every gateway refuses it within a second.',
  sample: { params: aKey },
  scope: 'api-keys:delete',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'DELETE', path: `${PATH}/:id`, style: 'core' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});
