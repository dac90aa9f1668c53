import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { cursorPageOf, onBothPrefixes } from './both-prefixes.js';
import { listOf, none, page, text } from './fields.js';
import { publicOperation } from './operation.js';
import { API_VERSIONS } from './versions/published.js';

/** Receivers of a workspace's events (seed 003; design: api.md section 9, "Webhooks in detail"). */
const EVENTS_MAX = 100;
const URL_LENGTH_MAX = 2_048;
const SECRET_LENGTH_MAX = 200;
const RETRIES_MAX = 20;
const WAIT_SECONDS_MAX = 7 * 24 * 60 * 60;
const CONDITIONS_MAX = 20;
const GRACE_HOURS_DEFAULT = 24;
const GRACE_HOURS_MAX = 720;

export const anEndpoint = { of: 'webhooks.list-endpoints', member: 'id' };
const params = z.strictObject({ id: text(64) });
const sampleEndpoint = { url: 'https://hooks.example/magistry', events: ['post.*', 'decision.applied'] };

/** `data.agent`, from the body's root; positions are not counted. */
const fieldPath = text(200).regex(
  /^[\w-]+(\.[\w-]+){0,7}$/,
  'must be names joined by dots, such as data.agent',
);
const scalar = z.union([z.string().max(500), z.number(), z.boolean(), z.null()]);

const condition = z.discriminatedUnion('op', [
  z.strictObject({ path: fieldPath, op: z.enum(['eq', 'neq']), value: scalar }),
  z.strictObject({ path: fieldPath, op: z.literal('in'), value: z.array(scalar).min(1).max(100) }),
  z.strictObject({
    path: fieldPath,
    op: z.enum(['gt', 'gte', 'lt', 'lte']),
    value: z.union([z.number(), z.string().max(500)]),
  }),
  z.strictObject({ path: fieldPath, op: z.literal('exists'), value: z.boolean().default(true) }),
  z.strictObject({ path: fieldPath, op: z.literal('starts_with'), value: z.string().min(1).max(500) }),
]);
export type EventCondition = z.infer<typeof condition>;

const ordering = z.strictObject({
  key: fieldPath,
  on_failure: z.enum(['block', 'skip', 'dead_letter']).default('block'),
});

const settings = {
  signing: z.enum(['hmac', 'ed25519']),
  filter: z.array(condition).max(CONDITIONS_MAX).nullable(),
  ordering: ordering.nullable(),
  retry_schedule: z.array(z.int().min(1).max(WAIT_SECONDS_MAX)).min(1).max(RETRIES_MAX).nullable(),
  api_version: z.enum(API_VERSIONS),
};
const eventNames = z.array(text(128)).min(1).max(EVENTS_MAX);
const receiverUrl = text(URL_LENGTH_MAX).nullable();
const secret = text(SECRET_LENGTH_MAX);

const listed = z.object({
  id: z.int(),
  url: z.string().nullable(),
  events: z.array(z.string()),
  is_active: z.boolean(),
  success_count: z.int(),
  failure_count: z.int(),
  last_delivery_at: z.string().nullable(),
  created_at: z.string(),
});

const endpoint = listed.extend({
  consecutive_failures: z.int(),
  disabled_reason: z.enum(['manual', 'gone', 'failing']).nullable(),
  ...settings,
  updated_at: z.string(),
  health: z.object({
    breaker: z.enum(['closed', 'open', 'half_open']),
    breaker_reason: z.string().nullable(),
    failing_since: z.string().nullable(),
    paused_until: z.string().nullable(),
    rate_per_s: z.number(),
  }),
});

const created = listed
  .pick({ id: true, url: true, events: true, is_active: true, created_at: true })
  .extend({ secret: z.string() });

const list = declareList({
  fields: Object.keys(listed.shape),
  sortable: ['id', 'created_at'],
  includes: [],
  statuses: ['active', 'inactive'],
  times: ['created', 'updated'],
  isSearchable: true,
});

/** The query of lists of `/v1`. */
export const cursorQuery = z.strictObject(page);

export const listEndpoints = publicOperation({
  name: 'webhooks.list-endpoints',
  summary: 'List the endpoints of the workspace, without their secrets.',
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({
    method: 'GET',
    path: '/webhooks',
    query: cursorQuery,
    bare: { 200: cursorPageOf(listed) },
  }),
  params: none,
  query: list.query,
  body: none,
  responses: { 200: listOf(listed.partial()) },
});

export const getEndpoint = publicOperation({
  name: 'webhooks.get-endpoint',
  summary: 'Read one endpoint with its settings and its health, without its secret.',
  sample: { params: { id: anEndpoint } },
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({ method: 'GET', path: '/webhooks/:id', bare: { 200: endpoint } }),
  params,
  query: none,
  body: none,
  responses: { 200: z.object({ data: endpoint }) },
});

export const createEndpoint = publicOperation({
  name: 'webhooks.create-endpoint',
  summary: 'Register a receiver. Its secret is in this answer and in no other.',
  sample: { body: sampleEndpoint },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({ method: 'POST', path: '/webhooks', bare: { 201: created } }),
  params: none,
  query: none,
  body: z.strictObject({
    url: receiverUrl,
    events: eventNames,
    secret: secret.optional(),
    is_active: z.boolean().default(true),
    signing: settings.signing.default('hmac'),
    filter: settings.filter.default(null),
    ordering: settings.ordering.default(null),
    retry_schedule: settings.retry_schedule.default(null),
    api_version: settings.api_version.optional(),
  }),
  responses: { 201: z.object({ message: z.string(), data: created }) },
});

export const updateEndpoint = publicOperation({
  name: 'webhooks.update-endpoint',
  summary: 'Change an endpoint; what is queued for it goes to where it is then.',
  sample: { params: { id: anEndpoint }, body: { events: ['post.*', 'decision.*'] } },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({ method: 'PATCH', path: '/webhooks/:id', bare: { 200: endpoint } }),
  params,
  query: none,
  body: z
    .strictObject({ url: receiverUrl, events: eventNames, is_active: z.boolean(), ...settings })
    .partial(),
  responses: { 200: z.object({ data: endpoint }) },
});

export const deleteEndpoint = publicOperation({
  name: 'webhooks.delete-endpoint',
  summary: 'Remove an endpoint and cancel what is queued for it.',
  sample: { params: { id: anEndpoint } },
  scope: 'webhooks:delete',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({ method: 'DELETE', path: '/webhooks/:id', bare: { 204: none } }),
  params,
  query: none,
  body: none,
  responses: { 204: none },
});

/** Longer than an attempt may take, so that its outcome is told. */
const TEST_DEADLINE_MS = 17_000;

const testOutcome = z.object({
  success: z.boolean(),
  /** Null when nothing answered. */
  status_code: z.int().nullable(),
  response_time_ms: z.int(),
  response_body: z.string().optional(),
  error: z.string().optional(),
});

export const testEndpoint = publicOperation({
  name: 'webhooks.test-endpoint',
  summary: 'Send a test event now and tell what the receiver answered.',
  sample: { params: { id: anEndpoint } },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  deadlineMs: TEST_DEADLINE_MS,
  routes: onBothPrefixes({ method: 'POST', path: '/webhooks/:id/test', bare: { 200: testOutcome } }),
  params,
  query: none,
  body: none,
  responses: { 200: testOutcome },
});

const rotated = z.object({ id: z.int(), secret: z.string(), grace_period_ends_at: z.string() });

export const rotateSecret = publicOperation({
  name: 'webhooks.rotate-secret',
  summary: 'Replace the secret; both sign until the grace period ends.',
  sample: { params: { id: anEndpoint }, body: { grace_period_hours: 24 } },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({ method: 'POST', path: '/webhooks/:id/rotate', bare: { 200: rotated } }),
  params,
  query: none,
  body: z.strictObject({
    grace_period_hours: z.int().min(0).max(GRACE_HOURS_MAX).default(GRACE_HOURS_DEFAULT),
    secret: secret.optional(),
  }),
  responses: { 200: z.object({ message: z.string(), data: rotated }) },
});
