import { z } from 'zod';
import { cursorPageOf, onBothPrefixes } from './both-prefixes.js';
import { isShallowObject, none, page, storableJson, text } from './fields.js';
import { publicOperation } from './operation.js';
import { anEndpoint } from './webhook-endpoints.js';

/** The event catalogue, events of a workspace's own kinds, and events for receivers that cannot take pushes. */
const EVENT_BODY_BYTES = 1024 * 1024;
const SCHEMA_BYTES = 64 * 1024;

const eventType = text(128).regex(
  /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/,
  'must be noun.verb, such as post.created',
);
const eventId = z.string().regex(/^evt_[A-Za-z0-9_-]{1,60}$/, 'must be evt_ and up to 60 of A-Z a-z 0-9 _ -');
const anyObject = z.record(z.string(), z.unknown());

const kind = z.object({
  type: z.string(),
  version: z.union([z.string(), z.int()]),
  schema: anyObject,
  example: z.unknown(),
});

export const listEventTypes = publicOperation({
  name: 'webhooks.list-event-types',
  summary: 'List the events that endpoints can subscribe to, each with its JSON Schema and an example.',
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({
    method: 'GET',
    path: '/webhooks/event-types',
    bare: { 200: z.object({ data: z.array(kind) }) },
  }),
  params: none,
  query: none,
  body: none,
  responses: { 200: z.object({ data: z.array(kind) }) },
});

export const registerEventType = publicOperation({
  name: 'webhooks.register-event-type',
  summary: 'Give a kind of event of your own a JSON Schema; from then on what is published must fit it.',
  sample: {
    params: { type: 'box.out' },
    body: {
      schema: { type: 'object', required: ['number'], properties: { number: { type: 'string' } } },
      example: { number: 'P-1' },
    },
  },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({ method: 'PUT', path: '/webhooks/event-types/:type', bare: { 200: kind } }),
  params: z.strictObject({ type: eventType }),
  query: none,
  body: z.strictObject({
    schema: anyObject.refine(
      storableJson(SCHEMA_BYTES, 32),
      'must be JSON of at most 64 KiB, 32 levels deep',
    ),
    example: z.unknown().optional(),
  }),
  responses: { 200: z.object({ data: kind }) },
});

const accepted = z.object({ id: z.string(), type: z.string(), accepted_at: z.string() });

export const publishEvent = publicOperation({
  name: 'webhooks.publish-event',
  summary: 'Publish an event of a kind of your own to the endpoints that subscribe to it.',
  sample: { body: { type: 'post.created', data: { id: 1 } } },
  scope: 'events:write',
  rateClass: 'write',
  idempotency: 'accepted',
  bodyLimitBytes: EVENT_BODY_BYTES,
  routes: [{ method: 'POST', path: '/api/v1/events', style: 'core' }],
  params: none,
  query: none,
  body: z.strictObject({
    type: eventType,
    // Kept and sent as it came: no member may get lost on the way, whatever its name.
    data: z
      .custom<Record<string, unknown>>(isShallowObject, 'must be an object of at most 32 levels')
      .meta({ type: 'object', additionalProperties: true }),
    id: eventId.optional(),
  }),
  responses: { 202: accepted },
});

const polled = z.object({ id: z.string(), type: z.string(), created_at: z.string(), data: z.unknown() });

export const pollEvents = publicOperation({
  name: 'webhooks.poll-events',
  summary: 'Read the events of an endpoint by cursor; asking behind a cursor acknowledges what is before it.',
  sample: { params: { id: anEndpoint } },
  scope: 'webhooks:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: onBothPrefixes({
    method: 'GET',
    path: '/webhooks/:id/events',
    bare: { 200: cursorPageOf(polled) },
  }),
  params: z.strictObject({ id: text(64) }),
  query: z.strictObject(page),
  body: none,
  responses: { 200: cursorPageOf(polled) },
});
