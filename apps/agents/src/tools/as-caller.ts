import { create } from '@bufbuild/protobuf';
import {
  IdempotencySchema,
  type PublicOperation,
  type RequestContext,
  WorkspaceSchema,
} from '@magistry/contracts';
import type { Caller, ForwardedRequest } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { ToolContext } from './agent-tool.js';

const DEADLINE_MS_MAX = 5_000;

/** What of a request a tool says itself. */
interface Asked extends Partial<Pick<ForwardedRequest, 'query' | 'body'>> {
  readonly idempotency?: { readonly key: string; readonly fingerprint: Uint8Array };
}

/** Asks another service for a public operation with the rights of whoever asked the agent, and in its name. */
export async function askAsCaller(
  caller: Caller,
  operation: PublicOperation,
  { query = '', body = new Uint8Array(0), idempotency }: Asked,
  context: ToolContext,
): Promise<Record<string, unknown>> {
  const asking = contextOf(context);
  if (idempotency) asking.idempotency = create(IdempotencySchema, idempotency);
  const { body: bytes } = await caller.forward(operation, { params: {}, query, body }, asking);
  return JSON.parse(Buffer.from(bytes).toString());
}

function contextOf({ workspace, caller, deadlineAt, traceparent }: ToolContext): RequestContext {
  const deadlineMs = Math.min(DEADLINE_MS_MAX, deadlineAt.getTime() - Date.now());
  const context = systemContext('agents', { deadlineMs, workspace: create(WorkspaceSchema, workspace) });
  if (traceparent !== '') context.traceparent = traceparent;
  if (context.principal) {
    context.principal.id = caller.principalId;
    context.principal.actor = caller.actor;
    context.principal.scopes = [...caller.scopes];
    context.principal.makerIds = [...(caller.makerIds ?? [])];
  }
  return context;
}
