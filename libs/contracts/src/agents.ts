import { z } from 'zod';
import { knowledge } from './agent-documents.js';
import { prose, storableDocument } from './documents.js';
import { none, text } from './fields.js';
import {
  ReadEventsRequestSchema,
  ReadEventsResponseSchema,
} from './generated/magistry/agents/v1/events_pb.js';
import {
  ReadOutboxRequestSchema,
  ReadOutboxResponseSchema,
} from './generated/magistry/envelope/v1/outbox_pb.js';
import { refuseUnusableSchema } from './json-schemas.js';
import { publicOperation, serviceCall } from './operation.js';

export * from './agent-costs.js';
export * from './agent-documents.js';
export * from './github.js';
export * from './integrations.js';
export * from './messages.js';
export * from './runs.js';
export * from './sessions.js';

/** The registry of seed 004: what `agents.yaml` declares for everybody, and what a workspace makes of its own. */
const PATH = '/api/v1/agents';
const MICROS_MAX = 1_000_000_000;
const CONTEXT_TOKENS_MIN = 1_000;
const CONTEXT_TOKENS_MAX = 10_000_000;

const agentSlug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and dashes');

/** A JSON Schema of an object, which must do without what could hold a process up (`json-schemas.ts`). */
const objectSchema = z
  .record(z.string(), z.unknown())
  .refine(storableDocument(64 * 1024), { error: 'must be plain JSON of at most 64 KiB', abort: true })
  .refine(({ type }) => type === 'object', { error: 'must be a JSON Schema of type "object"', abort: true })
  .superRefine(refuseUnusableSchema);

/** Which model answers: one of the deployment, its default when left out; or one of the workspace's own. */
const modelChoice = z.strictObject({
  name: text(200),
  /** Where a model of the workspace's own is, as OpenAI's API ends in /v1. */
  base_url: text(2_048).optional(),
});

/** As it is written: the key goes with the `base_url` beside it and is never shown. */
const writtenModel = modelChoice
  .extend({ api_key: text(2_000).nullish() })
  .refine(({ base_url, api_key }) => base_url !== undefined || !api_key, {
    message: 'goes with a base_url; models of the deployment need none',
    path: ['api_key'],
  });

const hostName = text(253).regex(/^[a-z0-9.-]+$/, 'must be a host name in lower case, without port or path');

const budget = z.strictObject({
  /** One millionth of a US dollar each; over the whole tree of a run. */
  micros: z.int().min(1).max(MICROS_MAX).optional(),
  model_calls: z.int().min(1).max(100).optional(),
  /** Of one model call. */
  call_micros: z.int().min(1).max(MICROS_MAX).optional(),
  /** What its model is shown at most: instructions, tools, memory, messages, and what was asked and found. */
  context_tokens: z.int().min(CONTEXT_TOKENS_MIN).max(CONTEXT_TOKENS_MAX).optional(),
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
  /** Host names that the tool http_request may call. */
  http_hosts: z.array(hostName).max(20).default([]),
  payload_schema: objectSchema.default({ type: 'object' }),
  output_schema: objectSchema.optional(),
  knowledge: knowledge.optional(),
  budget: budget.default({}),
  time_limit_s: z.int().min(1).max(600).default(60),
};

export const agentDefinition = z.strictObject({ slug: agentSlug, ...agentFields });
export type AgentDefinition = z.infer<typeof agentDefinition>;

const newAgent = agentDefinition.extend({ model: writtenModel.optional() });
export type NewAgent = z.infer<typeof newAgent>;

/** Members that may be taken away again, which null does. */
const agentChange = z.strictObject({
  ...unlessGiven(agentFields),
  model: writtenModel.nullish(),
  output_schema: objectSchema.nullish(),
  knowledge: knowledge.nullish(),
});
export type AgentChange = z.infer<typeof agentChange>;

type Given<Field> = Field extends z.ZodDefault<infer Inner> ? Inner : Field;

/** Each field optional and without its default: what is left out stays as it is. */
function unlessGiven<Fields extends z.core.$ZodLooseShape>(fields: Fields) {
  const optional = Object.entries(fields).map(([name, field]) => [
    name,
    z.optional(field instanceof z.ZodDefault ? field.unwrap() : field),
  ]);
  return Object.fromEntries(optional) as { [Name in keyof Fields]: z.ZodOptional<Given<Fields[Name]>> };
}

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

export const createAgent = publicOperation({
  name: 'agents.create-agent',
  summary: 'Make an agent. The key of its model is never shown again.',
  sample: {
    body: { slug: 'stock-helper', title: 'Stock helper', description: 'Answers questions about stock.' },
  },
  scope: 'agents:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'POST', path: PATH, style: 'runs' }],
  params: none,
  query: none,
  body: newAgent,
  responses: { 201: agentDefinition },
});

export const updateAgent = publicOperation({
  name: 'agents.update-agent',
  summary: 'Change an agent for the workspace: what is left out stays. Runs under way go on as they began.',
  sample: { params: anAgent, body: { description: 'Writes compensation offers.' } },
  scope: 'agents:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'PATCH', path: `${PATH}/:slug`, style: 'runs' }],
  params,
  query: none,
  body: agentChange,
  responses: { 200: agentDefinition },
});

export const deleteAgent = publicOperation({
  name: 'agents.delete-agent',
  summary: 'Remove an agent from the workspace. Runs under way end as they would.',
  sample: { params: anAgent },
  scope: 'agents:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'DELETE', path: `${PATH}/:slug`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});

/** Asked by the gateway on behalf of a client that follows a log. */
export const readEvents = serviceCall({
  name: 'agents.read-events',
  request: ReadEventsRequestSchema,
  response: ReadEventsResponseSchema,
});

/** For the consumer of agents' audit events that sees a gap in (shard, position). */
export const readOutbox = serviceCall({
  name: 'agents.read-outbox',
  request: ReadOutboxRequestSchema,
  response: ReadOutboxResponseSchema,
});

/** Shards of agents' audit events. More can be added, none taken away. */
export const AUDIT_SHARDS = 1;

/** Broadcast with a run's log name: whoever executes it stops at once. */
export const RUN_CANCELLED = 'agents.run-cancelled';
