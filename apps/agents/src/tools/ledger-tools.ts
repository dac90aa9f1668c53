import { create } from '@bufbuild/protobuf';
import { decisions, type PublicOperation, type RequestContext, WorkspaceSchema } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { AgentTool, ToolContext } from './agent-tool.js';

const DEADLINE_MS_MAX = 5_000;
const ROWS_MAX = 20;
/** What of a row a model needs; the rest costs tokens. */
const SHOWN = ['decision_id', 'status', 'action', 'subject', 'sku', 'to_state', 'recorded_at'];

const optionalText = { type: 'string', minLength: 1, maxLength: 200 };

/** Look-ups in the workspace's ledger, with the rights of whoever asked the agent. */
export function ledgerTools(caller: Caller): AgentTool[] {
  return [
    {
      name: 'search_decisions',
      description: "Lists the newest decisions of the workspace's ledger: price changes, launches and so on.",
      scope: decisions.listDecisions.scope,
      inputSchema: {
        type: 'object',
        properties: {
          sku: { ...optionalText, description: 'Only decisions on this SKU.' },
          action: { ...optionalText, description: 'Only this action, such as PRICE_CHANGE.' },
          limit: { type: 'integer', minimum: 1, maximum: ROWS_MAX },
        },
      },
      execute: async ({ sku, action, limit }, context) => {
        await context.progress('asking the ledger');
        const query = new URLSearchParams({ order: 'desc', limit: String(limit ?? ROWS_MAX) });
        if (typeof sku === 'string') query.set('subject', sku);
        if (typeof action === 'string') query.set('action', action);
        const { data } = await ask(caller, decisions.listDecisions, query.toString(), context);
        return { decisions: (data as Record<string, unknown>[]).map(shortened) };
      },
    },
    {
      name: 'read_kill_switch',
      description: 'Tells whether the kill switch of the workspace is engaged, and why.',
      scope: decisions.getKillSwitch.scope,
      inputSchema: { type: 'object', properties: {} },
      execute: (_, context) => ask(caller, decisions.getKillSwitch, '', context),
    },
  ];
}

async function ask(
  caller: Caller,
  operation: PublicOperation,
  query: string,
  context: ToolContext,
): Promise<Record<string, unknown>> {
  const request = { params: {}, query, body: new Uint8Array(0) };
  const { body } = await caller.forward(operation, request, requestContext(context));
  return JSON.parse(Buffer.from(body).toString());
}

function requestContext({ workspace, caller, deadlineAt, traceparent }: ToolContext): RequestContext {
  const deadlineMs = Math.min(DEADLINE_MS_MAX, deadlineAt.getTime() - Date.now());
  const context = systemContext('agents', { deadlineMs, workspace: create(WorkspaceSchema, workspace) });
  if (traceparent !== '') context.traceparent = traceparent;
  if (context.principal) {
    context.principal.id = caller.principalId;
    context.principal.actor = caller.actor;
    context.principal.scopes = [...caller.scopes];
  }
  return context;
}

function shortened(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(SHOWN.filter((name) => name in row).map((name) => [name, row[name]]));
}
