import { decisions } from '@magistry/contracts';
import type { Caller } from '@magistry/messaging';
import type { AgentTool } from './agent-tool.js';
import { askAsCaller } from './as-caller.js';

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
        const { data } = await askAsCaller(
          caller,
          decisions.listDecisions,
          { query: query.toString() },
          context,
        );
        return { decisions: (data as Record<string, unknown>[]).map(shortened) };
      },
    },
    {
      name: 'read_kill_switch',
      description: 'Tells whether the kill switch of the workspace is engaged, and why.',
      scope: decisions.getKillSwitch.scope,
      inputSchema: { type: 'object', properties: {} },
      execute: (_, context) => askAsCaller(caller, decisions.getKillSwitch, {}, context),
    },
  ];
}

function shortened(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(SHOWN.filter((name) => name in row).map((name) => [name, row[name]]));
}
