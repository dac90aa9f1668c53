import { z } from 'zod';
import { decisionRow, decisionStatus } from './decision-row.js';
import { instant, none, page, text, tier } from './fields.js';
import { AppendRequestSchema, AppendResponseSchema } from './generated/magistry/decisions/v1/append_pb.js';
import {
  GetOutboxStateRequestSchema,
  GetOutboxStateResponseSchema,
  GetWriterStateRequestSchema,
  GetWriterStateResponseSchema,
  VerifyLedgerRequestSchema,
  VerifyLedgerResponseSchema,
} from './generated/magistry/decisions/v1/operator_pb.js';
import {
  GetActorHistoryRequestSchema,
  GetActorHistoryResponseSchema,
  GetLedgerHeadRequestSchema,
  GetLedgerHeadResponseSchema,
} from './generated/magistry/decisions/v1/read_pb.js';
import {
  ReadOutboxRequestSchema,
  ReadOutboxResponseSchema,
} from './generated/magistry/envelope/v1/outbox_pb.js';
import { publicOperation, serviceCall } from './operation.js';

export * from './audit.js';

const decisionParams = z.strictObject({ decision: text(64) });
const aDecision = { decision: { of: 'decisions.list-decisions', member: 'id' } };
const killSwitch = z.object({
  engaged: z.boolean(),
  reason: z.string().nullable(),
  decision_id: z.number().int().nullable(),
  changed_at: z.string().nullable(),
  changed_by: z.string().nullable(),
});

export const listDecisions = publicOperation({
  name: 'decisions.list-decisions',
  summary: 'Read the ledger by cursor, oldest first, as far as the filters fit.',
  sample: { query: 'action=PRICE_CHANGE&limit=20' },
  versionedAt: 'service',
  isRevalidated: true,
  scope: 'decisions:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/decisions', style: 'problem' }],
  params: none,
  query: z.strictObject({
    ...page,
    order: z.enum(['asc', 'desc']).default('asc'),
    store_id: text(64).optional(),
    since: instant.optional(),
    until: instant.optional(),
    agent: text(128).optional(),
    action: text(64).optional(),
    subject: text(128).optional(),
    tier: tier.optional(),
    status: decisionStatus.optional(),
  }),
  body: none,
  responses: {
    200: z.object({ data: z.array(decisionRow), next_cursor: z.string(), has_more: z.boolean() }),
  },
});

export const getDecision = publicOperation({
  name: 'decisions.get-decision',
  summary: 'Read one decision, by its id or by its number in the ledger.',
  sample: { params: aDecision },
  versionedAt: 'service',
  scope: 'decisions:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/decisions/:decision', style: 'problem' }],
  params: decisionParams,
  query: none,
  body: none,
  responses: { 200: decisionRow },
});

export const reverseDecision = publicOperation({
  name: 'decisions.reverse-decision',
  summary: 'Take an applied decision back; the answer is the new row that reverses it.',
  sample: { params: aDecision, body: { reason: 'The SKU was wrong.' } },
  versionedAt: 'service',
  scope: 'decisions:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: '/v1/decisions/:decision/reverse', style: 'problem' }],
  params: decisionParams,
  query: none,
  body: z.strictObject({ reason: text(500) }),
  responses: { 200: decisionRow },
});

export const getKillSwitch = publicOperation({
  name: 'decisions.get-kill-switch',
  summary: 'See whether live actions are stopped, since when, by whom and why.',
  scope: 'killswitch:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/killswitch', style: 'problem' }],
  params: none,
  query: none,
  body: none,
  responses: { 200: killSwitch },
});

export const setKillSwitch = publicOperation({
  name: 'decisions.set-kill-switch',
  summary: 'Stop every live action of the workspace, or let them pass again.',
  sample: { body: { engaged: true, reason: 'Stock count.' } },
  scope: 'killswitch:write',
  rateClass: 'killswitch',
  idempotency: 'accepted',
  routes: [{ method: 'PUT', path: '/v1/killswitch', style: 'problem' }],
  params: none,
  query: none,
  body: z.strictObject({ engaged: z.boolean(), reason: text(500) }),
  responses: { 200: killSwitch },
});

/** Subject is `decisions.append.<shard>`: served by the process that holds the shard's lock. */
export const append = serviceCall({
  name: 'decisions.append',
  request: AppendRequestSchema,
  response: AppendResponseSchema,
});

export const getLedgerHead = serviceCall({
  name: 'decisions.get-ledger-head',
  request: GetLedgerHeadRequestSchema,
  response: GetLedgerHeadResponseSchema,
});

export const getActorHistory = serviceCall({
  name: 'decisions.get-actor-history',
  request: GetActorHistoryRequestSchema,
  response: GetActorHistoryResponseSchema,
});

/** For consumers of the stream that see a gap in (shard, position). */
export const readOutbox = serviceCall({
  name: 'decisions.read-outbox',
  request: ReadOutboxRequestSchema,
  response: ReadOutboxResponseSchema,
});

export const getOutboxState = serviceCall({
  name: 'decisions.get-outbox-state',
  request: GetOutboxStateRequestSchema,
  response: GetOutboxStateResponseSchema,
});

/** Subject is `decisions.get-writer-state.<shard>`: only the shard's holder knows. */
export const getWriterState = serviceCall({
  name: 'decisions.get-writer-state',
  request: GetWriterStateRequestSchema,
  response: GetWriterStateResponseSchema,
});

export const verifyLedger = serviceCall({
  name: 'decisions.verify-ledger',
  request: VerifyLedgerRequestSchema,
  response: VerifyLedgerResponseSchema,
  deadlineMs: 10_000,
});

/** Number of ledger shards. Positions are dense per shard for ever, so it never changes. */
export const LEDGER_SHARDS = 4;

export function shardOf(workspaceId: number): number {
  return workspaceId % LEDGER_SHARDS;
}

/** The subject that a workspace's commands go to. */
export function appendSubject(workspaceId: number): string {
  return shardSubject(shardOf(workspaceId));
}

export function shardSubject(shard: number): string {
  return `${append.name}.${shard}`;
}

export function writerStateSubject(shard: number): string {
  return `${getWriterState.name}.${shard}`;
}
