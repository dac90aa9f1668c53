import { z } from 'zod';
import { cursorPageOf, onBothPrefixes } from './both-prefixes.js';
import { instant, none, page, text } from './fields.js';
import { publicOperation } from './operation.js';
import { anEndpoint } from './webhook-endpoints.js';

/** Work that outlives its request (design: api.md section 8): made elsewhere, watched and cancelled here. */
const TYPES_MAX = 100;
const RATE_MAX = 1_000;
const RATE_DEFAULT = 50;

const job = z
  .object({
    id: z.string(),
    type: z.enum(['webhook_replay']),
    status: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']),
    /** What it was asked to do, by its type. */
    request: z.record(z.string(), z.unknown()),
    /** Of a replay: events that match, those looked at, and deliveries made of them. */
    progress: z.object({ total: z.int().nullable(), done: z.int(), queued: z.int() }),
    error: z.string().nullable(),
    created_at: z.string(),
    started_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .meta({ title: 'Job' });

const aJob = { job: { of: 'webhooks.list-jobs', member: 'id' } };
const params = z.strictObject({ job: text(64) });

export const listJobs = publicOperation({
  name: 'webhooks.list-jobs',
  summary: 'List the jobs of the workspace, newest first.',
  scope: 'jobs:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/jobs', style: 'problem' }],
  params: none,
  query: z.strictObject(page),
  body: none,
  responses: { 200: cursorPageOf(job) },
});

export const getJob = publicOperation({
  name: 'webhooks.get-job',
  summary: 'Read how far a job is.',
  sample: { params: aJob },
  scope: 'jobs:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/jobs/:job', style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 200: job },
});

export const cancelJob = publicOperation({
  name: 'webhooks.cancel-job',
  summary: 'Cancel a job; what it has done stays done.',
  sample: { params: aJob },
  scope: 'jobs:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: '/v1/jobs/:job', style: 'problem' }],
  params,
  query: none,
  body: none,
  responses: { 200: job },
});

/** With `dry_run` nothing is made: `job` is null, `total` says what would be sent again. */
const replay = z.object({ job: job.nullable(), dry_run: z.boolean(), total: z.int() });

export const replayEvents = publicOperation({
  name: 'webhooks.replay-events',
  summary: 'Send events of the past to an endpoint again, as a job; with dry_run only count them.',
  sample: { params: { id: anEndpoint }, body: { types: ['post.*'] } },
  scope: 'webhooks:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: onBothPrefixes({
    method: 'POST',
    path: '/webhooks/:id/replay',
    bare: { 200: replay, 202: job },
  }),
  params: z.strictObject({ id: text(64) }),
  query: none,
  body: z.strictObject({
    types: z.array(text(128)).min(1).max(TYPES_MAX).optional(),
    /** Of the deliveries to this endpoint; without them also events that it never got. */
    statuses: z
      .array(z.enum(['pending', 'success', 'failed', 'retrying']))
      .min(1)
      .max(4)
      .optional(),
    since: instant.optional(),
    until: instant.optional(),
    dry_run: z.boolean().default(false),
    rate_per_s: z.number().min(0.1).max(RATE_MAX).default(RATE_DEFAULT),
  }),
  responses: {
    200: z.object({ data: replay }),
    202: z.object({ message: z.string(), data: job }),
  },
});
