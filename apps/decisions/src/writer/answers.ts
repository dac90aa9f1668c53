import { ProblemError } from '@magistry/errors';
import type { AnswerSeal } from '@magistry/idempotency';
import { keyReused, mismatchOf, replayHeaders } from '@magistry/idempotency';
import { principalOf, workspaceOf } from '@magistry/request-context';
import type { Command } from '../domain/commands.js';
import type { Decision } from '../domain/decision.js';
import { type EscalatedDecision, renderEscalation } from '../domain/escalation.js';
import { proposalAnswer } from '../domain/render-answer.js';
import { renderKillSwitch, renderPolicy } from '../domain/render-controls.js';
import { renderRow, spliceRow } from '../domain/render-row.js';
import type { LedgerHead } from '../storage/ledger-batch.js';
import type { Replay } from '../storage/ledger-look-up.js';
import type { AppendResult, PendingAppend } from './append-queue.js';

/** What the caller of a recorded command is told, in the shape of its API version. */
export function recordedAnswer(
  row: Decision,
  head: LedgerHead,
  escalated: EscalatedDecision | null,
  apiVersion: string,
): string {
  if (escalated) return renderEscalation(escalated.row, escalated, row.recordedAt);
  if (row.kind === 'PROPOSAL') return proposalAnswer(row);
  if (row.kind === 'REVERSAL') return spliceRow(renderRow(row, apiVersion), null);
  return row.kind === 'POLICY' ? policyOf(head) : renderKillSwitch(head.killSwitch);
}

/** What somebody is told who asks for what already is. The clock, which expires, reads no answer. */
export function unchangedAnswer({ type }: Command, head: LedgerHead): string {
  if (type === 'expire-escalation') return '';
  return type === 'set-policy' ? policyOf(head) : renderKillSwitch(head.killSwitch);
}

function policyOf({ policyVersion, policyJson }: LedgerHead): string {
  return renderPolicy(policyVersion, policyJson);
}

interface KeptRefusal {
  readonly problem: { code: ProblemError['code']; message: string; extras?: Record<string, unknown> };
}

/** Business refusals are answers too, and are kept like them; what is missing or forbidden frees the key. */
export function isKept(problem: ProblemError): boolean {
  return problem.code !== 'not_found' && problem.code !== 'access_denied';
}

export function refusalAnswer({ code, message, extras }: ProblemError): string {
  const kept: KeptRefusal = { problem: { code, message, ...(extras && { extras: { ...extras } }) } };
  return JSON.stringify(kept);
}

const REFUSAL_START = '{"problem":';

/** Opens the first answer under this key, or refuses a request that is not the first one repeated. */
export function replayed(append: PendingAppend, replay: Replay, seal: AnswerSeal): AppendResult {
  const { context } = append;
  const mismatch = mismatchOf(replay.fingerprint, context.idempotency?.fingerprint ?? new Uint8Array(0));
  if (mismatch.length > 0) throw keyReused(mismatch);
  const owner = { workspaceId: workspaceOf(context).id, principalId: principalOf(context).id };
  const body = seal.open(owner, context.idempotency?.key ?? '', replay.sealedAnswer).toString('utf8');
  if (!body.startsWith(REFUSAL_START)) return { body, replayOf: replay.requestId };
  const { problem } = JSON.parse(body) as KeptRefusal;
  throw new ProblemError(problem.code, problem.message, {
    ...(problem.extras && { extras: problem.extras }),
    headers: replayHeaders(replay.requestId),
  });
}
