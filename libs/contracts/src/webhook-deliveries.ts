import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { cursorPageOf, onBothPrefixes } from './both-prefixes.js';
import { listOf, none, page, text } from './fields.js';
import { publicOperation } from './operation.js';
import { anEndpoint } from './webhook-endpoints.js';

/** Deliveries of an endpoint (seed 003), newest first. */
const STATUSES = ['pending', 'success', 'failed', 'retrying'] as const;

const params = z.strictObject({ id: text(64) });
const ofOne = z.strictObject({ id: text(64), delivery: text(64) });
const aDelivery = {
  id: anEndpoint,
  delivery: { of: 'webhooks.list-deliveries', member: 'id', query: 'status=retrying' },
};

const delivery = z.object({
  id: z.int(),
  event_id: z.string(),
  event_type: z.string(),
  status: z.enum(STATUSES),
  response_code: z.int().nullable(),
  attempt: z.int(),
  /** Of one that arrived. */
  delivered_at: z.string().optional(),
  /** Of one that is tried again; absent while it is held, such as by an inactive endpoint. */
  next_retry_at: z.string().optional(),
  /** Of one that did not arrive: what went wrong last, and why it was given up. */
  error: z.string().optional(),
  reason: z.string().optional(),
  created_at: z.string(),
});

const attempt = z.object({
  number: z.int(),
  cause: z.enum(['event', 'manual', 'replay', 'probe']),
  url: z.string(),
  succeeded: z.boolean(),
  status_code: z.int().nullable(),
  error: z.string().nullable(),
  response_headers: z.record(z.string(), z.unknown()).nullable(),
  response_body: z.string().nullable(),
  started_at: z.string(),
  duration_ms: z.int(),
  phases_ms: z.record(z.string(), z.number()).nullable(),
});
const withAttempts = delivery.extend({ attempts: z.array(attempt) });

const list = declareList({
  fields: Object.keys(delivery.shape),
  sortable: ['id', 'created_at'],
  includes: [],
  statuses: STATUSES,
  times: ['created'],
  isSearchable: false,
});

/** The query of the list on `/v1`. */
export const deliveriesQuery = z.strictObject({ ...page, status: z.enum(STATUSES).optional() });

export const listDeliveries = publicOperation({
  name: 'webhooks.list-deliveries',
  summary: "List an endpoint's deliveries, newest first.",
  sample: { params: { id: anEndpoint } },
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({
    method: 'GET',
    path: '/webhooks/:id/deliveries',
    query: deliveriesQuery,
    bare: { 200: cursorPageOf(delivery) },
  }),
  params,
  query: list.query,
  body: none,
  responses: { 200: listOf(delivery.partial()) },
});

export const getDelivery = publicOperation({
  name: 'webhooks.get-delivery',
  summary: 'Read one delivery with its attempts: what was sent where, and what was answered.',
  sample: { params: aDelivery },
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({
    method: 'GET',
    path: '/webhooks/:id/deliveries/:delivery',
    bare: { 200: withAttempts },
  }),
  params: ofOne,
  query: none,
  body: none,
  responses: { 200: z.object({ data: withAttempts }) },
});

const queued = z.object({ id: z.int(), status: z.literal('pending'), attempt: z.int() });

export const retryDelivery = publicOperation({
  name: 'webhooks.retry-delivery',
  summary: 'Send a failed or waiting delivery again, at once.',
  sample: { params: aDelivery },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({
    method: 'POST',
    path: '/webhooks/:id/deliveries/:delivery/retry',
    bare: { 200: queued },
  }),
  params: ofOne,
  query: none,
  body: none,
  responses: { 200: z.object({ message: z.string(), data: queued }) },
});
