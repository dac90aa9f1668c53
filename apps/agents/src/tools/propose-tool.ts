import { hash } from 'node:crypto';
import { CURRENT_API_VERSION, planner } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { fingerprintOf } from '@magistry/idempotency';
import type { Caller } from '@magistry/messaging';
import { type AgentTool, OutcomeUnknown } from './agent-tool.js';
import { askAsCaller } from './as-caller.js';

const text = { type: 'string', minLength: 1, maxLength: 128 };

const INPUT_SCHEMA = {
  type: 'object',
  required: ['action', 'evidence_tier'],
  // The action's further parameters stand beside these; the planner checks them and names what is wrong.
  properties: {
    action: { ...text, examples: ['PRICE_CHANGE', 'DISCOUNT_TEST', 'PRICE_RESTORE', 'PRODUCT_RETIRE'] },
    sku: { ...text, description: 'The product that the action is about.' },
    subject: { ...text, description: 'What the action is about where that is no product.' },
    delta_eur: { type: 'number', description: 'Of PRICE_CHANGE: by how much; negative lowers.' },
    discount_percent: { type: 'number', description: 'Of DISCOUNT_TEST.' },
    evidence_tier: { enum: ['A', 'B', 'C'], description: 'How good the evidence is; A is the best.' },
    evidence_ref: { type: 'string', maxLength: 500, description: 'A URI; this run when left out.' },
    dry_run: { type: 'boolean', description: 'True only asks what would be decided.' },
  },
};

/** Outcomes of a proposal that may have been decided without our hearing of it. */
const UNKNOWN = ['timeout', 'idempotency_in_progress', 'server_error'];

/** Proposes as whoever asked the agent would: with their rights, under their name, once for each call. */
export function proposeTool(caller: Caller): AgentTool {
  return {
    name: 'propose',
    description:
      'Proposes an action, such as a price change, to the planner of the workspace. Gates and a judge decide, and ' +
      'the answer gives their decision: APPLIED, ESCALATED to a person, or REJECTED with reasons.',
    scope: planner.propose.scope,
    inputSchema: INPUT_SCHEMA,
    execute: async (input, context) => {
      await context.progress('asking the planner');
      // What a proposal rests on is the run, unless the model knows better: who asked for what is in its log.
      const evidence = { evidence_ref: `magistry://runs/${context.runId}` };
      const body = Buffer.from(JSON.stringify({ ...evidence, ...input }));
      const idempotency = { key: context.idempotencyKey, fingerprint: fingerprintFor(body) };
      const answer = await askAsCaller(caller, planner.propose, { body, idempotency }, context).catch(
        explain,
      );
      return shortened(answer);
    },
  };
}

function fingerprintFor(body: Uint8Array): Uint8Array {
  const [{ method, path } = { method: 'POST', path: '' }] = planner.propose.routes;
  const bodyHash = hash('sha256', body, 'buffer');
  return fingerprintOf({ method, path, query: '', version: CURRENT_API_VERSION, bodyHash });
}

function explain(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error;
  if (UNKNOWN.includes(error.code)) throw new OutcomeUnknown(error.message, { cause: error });
  const faults = error.errors.map(({ path, message }) => `${path} ${message}.`);
  throw new ProblemError(error.code, [error.message, ...faults].join(' '));
}

/** What a model needs of the answer; the rest costs tokens. */
function shortened(answer: Record<string, unknown>): Record<string, unknown> {
  const { decision_id, status, would_be, judge, judge_score, escalation, reasons } = answer;
  const told = (reasons as { gate: string; message: string }[]).map(
    ({ gate, message }) => `${gate}: ${message}`,
  );
  return {
    ...{ decision_id, status, judge, judge_score },
    ...(would_be !== undefined && { would_be }),
    ...(escalation !== null && { escalation }),
    ...(told.length > 0 && { reasons: told.join(' ') }),
  };
}
