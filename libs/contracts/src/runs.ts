import { z } from 'zod';
import { storableDocument } from './documents.js';
import { none, text } from './fields.js';
import { publicOperation } from './operation.js';

/** Runs of agents and their logs (seed 004). */
const PATH = '/api/v1/runs';
const BODY_BYTES_MAX = 10 * 1024 * 1024;
const PAYLOAD_BYTES_MAX = 1024 * 1024;
const METADATA_BYTES_MAX = 16 * 1024;
/** Longer than the longest wait for an answer, so that 504 comes from the service, which knows the run's id. */
const RUN_DEADLINE_MS = 65_000;

const aRun = { run_id: { of: 'agents.list-runs', member: 'run_id' } };
/** The service says what is wrong with an id: `invalid_run_id`. */
const params = z.strictObject({ run_id: z.string() });

const summary = z.object({
  status: z.enum(['running', 'success', 'failed', 'cancelled']),
  started_at: z.string(),
  ended_at: z.string().nullable(),
  request_id: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const artifacts = z.object({ summary: z.string(), logs: z.string() });

export const runAgent = publicOperation({
  name: 'agents.run-agent',
  summary: 'Run an agent and wait for its output, or only until the run is kept (Prefer: respond-async).',
  sample: { params: { slug: 'offer-orchestrator-mag' }, body: { payload: { role: 'Senior Engineer' } } },
  scope: 'runs:write',
  rateClass: 'write',
  idempotency: 'accepted',
  deadlineMs: RUN_DEADLINE_MS,
  isAskedAgain: true,
  bodyLimitBytes: BODY_BYTES_MAX,
  headers: ['prefer'],
  routes: [{ method: 'POST', path: '/api/v1/agents/:slug/run', style: 'runs' }],
  params: z.strictObject({ slug: text(64) }),
  query: none,
  body: z.strictObject({
    payload: z
      .record(z.string(), z.unknown())
      .refine(storableDocument(PAYLOAD_BYTES_MAX), 'must be plain JSON of at most 1 MiB'),
    request_id: text(255).optional(),
    metadata: z
      .record(z.string(), z.unknown())
      .refine(storableDocument(METADATA_BYTES_MAX), 'must be plain JSON of at most 16 KiB')
      .optional(),
  }),
  responses: {
    200: z.object({
      run_id: z.string(),
      slug: z.string(),
      output: z.record(z.string(), z.unknown()),
      artifacts,
    }),
    202: z.object({ run_id: z.string(), slug: z.string(), artifacts }),
  },
});

export const listRuns = publicOperation({
  name: 'agents.list-runs',
  summary: 'List runs that were asked for, newest first.',
  sample: { query: 'limit=10' },
  scope: 'runs:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'runs' }],
  params: none,
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(25) }),
  body: none,
  responses: {
    200: z.object({ data: z.array(z.object({ run_id: z.string(), slug: z.string(), summary })) }),
  },
});

export const getRun = publicOperation({
  name: 'agents.get-run',
  summary: 'Read how a run stands or ended, and what it took.',
  sample: { params: aRun },
  scope: 'runs:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:run_id`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: {
    200: z.object({
      run_id: z.string(),
      slug: z.string(),
      summary,
      /** `cost_micros` is in millionths of a US dollar; of a run with sub-agents, `tree_cost_micros` has theirs too. */
      metrics: z.object({
        latency_ms: z.number(),
        model_calls: z.int(),
        prompt_tokens: z.int(),
        completion_tokens: z.int(),
        cost_micros: z.int(),
        tree_cost_micros: z.int(),
      }),
      has_logs: z.boolean(),
    }),
  },
});

const TAIL_MAX = 100_000;
// Nothing would count as none: a shell whose variable is empty would take the log for empty.
const tail = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() === '' ? Number.NaN : value),
  z.coerce.number().int().min(0).max(TAIL_MAX),
);
// Python writes True and False.
const follow = z.preprocess(
  (value) => (typeof value === 'string' ? value.toLowerCase() : value),
  z.enum(['true', 'false']),
);

export const getRunLogs = publicOperation({
  name: 'agents.get-run-logs',
  summary: 'Read the log of a run as newline-delimited JSON, or follow it as server-sent events.',
  sample: { params: aRun, query: 'tail=20' },
  scope: 'runs:read',
  rateClass: 'read',
  idempotency: 'none',
  headers: ['last-event-id'],
  routes: [{ method: 'GET', path: `${PATH}/:run_id/logs`, style: 'runs' }],
  params,
  query: z.strictObject({
    tail: tail.optional(),
    follow: follow.prefault('false'),
  }),
  body: none,
  streams: ['application/x-ndjson', 'text/event-stream'],
  responses: { 204: none },
});

export const cancelRun = publicOperation({
  name: 'agents.cancel-run',
  summary: 'Cancel a run with its model calls, tools and sub-agents. An ended run stays as it ended.',
  sample: { params: aRun },
  scope: 'runs:write',
  rateClass: 'write',
  idempotency: 'none',
  routes: [{ method: 'POST', path: `${PATH}/:run_id/cancel`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: { 202: z.object({ run_id: z.string(), status: summary.shape.status }) },
});
