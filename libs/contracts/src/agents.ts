import { z } from 'zod';
import { knowledge } from './agent-documents.js';
import { prose, storableDocument } from './documents.js';
import { none, text } from './fields.js';
import {
  ReadEventsRequestSchema,
  ReadEventsResponseSchema,
} from './generated/magistry/agents/v1/events_pb.js';
import { publicOperation, serviceCall } from './operation.js';

export * from './agent-costs.js';
export * from './agent-documents.js';
export * from './integrations.js';
export * from './messages.js';
export * from './runs.js';

/** The registry of seed 004: what `agents.yaml` declares for everybody, and what a workspace makes of its own. */
const PATH = '/api/v1/agents';
const MICROS_MAX = 1_000_000_000;

const agentSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

/** A JSON Schema of an object; anything may stand in it that the draft allows. */
const objectSchema = z
  .record(z.string(), z.unknown())
  .refine(storableDocument(64 * 1024), 'must be plain JSON of at most 64 KiB')
  .refine(({ type }) => type === 'object', 'must be a JSON Schema of type "object"');

/** Which model of the deployment answers, by its name there; its default when left out. */
const modelChoice = z.strictObject({
  name: text(200),
});

const budget = z.strictObject({
  /** One millionth of a US dollar each; over the whole tree of a run. */
  micros: z.int().min(1).max(MICROS_MAX).optional(),
  model_calls: z.int().min(1).max(100).optional(),
  /** Of one model call. */
  call_micros: z.int().min(1).max(MICROS_MAX).optional(),
});

/** An agent but for its slug, as `agents.yaml` and the API write it. */
const agentFields = {
  title: text(200),
  description: prose(2_000),
  system_prompt: prose(50_000).default('You are a helpful assistant.'),
  model: modelChoice.optional(),
  tools: z.array(text(100)).max(50).default([]),
  /** Tools that its sub-agents may use besides its own. */
  delegable_tools: z.array(text(100)).max(50).default([]),
  sub_agents: z.array(agentSlug).max(20).default([]),
  payload_schema: objectSchema.default({ type: 'object' }),
  output_schema: objectSchema.optional(),
  knowledge: knowledge.optional(),
  budget: budget.default({}),
  time_limit_s: z.int().min(1).max(600).default(60),
};

export const agentDefinition = z.strictObject({ slug: agentSlug, ...agentFields });
export type AgentDefinition = z.infer<typeof agentDefinition>;

const anAgent = { slug: 'offer-orchestrator-mag' };
const params = z.strictObject({ slug: text(64) });

export const listAgents = publicOperation({
  name: 'agents.list-agents',
  summary: 'List the agents that the workspace can run.',
  scope: 'agents:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'runs' }],
  params: none,
  query: none,
  body: none,
  responses: { 200: z.array(z.object({ slug: z.string(), title: z.string(), description: z.string() })) },
});

export const getAgent = publicOperation({
  name: 'agents.get-agent',
  summary: 'Read what an agent is made of.',
  sample: { params: anAgent },
  scope: 'agents:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:slug`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: { 200: agentDefinition },
});

/** Asked by the gateway on behalf of a client that follows a log. */
export const readEvents = serviceCall({
  name: 'agents.read-events',
  request: ReadEventsRequestSchema,
  response: ReadEventsResponseSchema,
});

/** Broadcast with a run's log name: whoever executes it stops at once. */
export const RUN_CANCELLED = 'agents.run-cancelled';
