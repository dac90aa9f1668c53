import { ProblemError } from '@magistry/errors';
import type { AnswerSeal } from '@magistry/idempotency';
import { keyReused, mismatchOf, replayHeaders } from '@magistry/idempotency';
import { principalOf, workspaceOf } from '@magistry/request-context';
import type { Decision } from '../domain/decision.js';
import { proposalAnswer } from '../domain/render-answer.js';
import { renderKillSwitch, renderPolicy } from '../domain/render-controls.js';
import { renderRow, spliceRow } from '../domain/render-row.js';
import type { LedgerHead } from '../storage/ledger-batch.js';
import type { Replay } from '../storage/ledger-look-up.js';
import type { AppendResult, PendingAppend } from './append-queue.js';

/** What the caller of a recorded command is told, in the shape of its API version. */
export function recordedAnswer(row: Decision, head: LedgerHead, apiVersion: string): string {
  if (row.kind === 'PROPOSAL') return proposalAnswer(row);
  if (row.kind === 'REVERSAL') return spliceRow(renderRow(row, apiVersion), null);
  return currentAnswer(row.kind, head);
}

/** What somebody is told who asks for what already is. */
export function currentAnswer(kind: 'KILL_SWITCH' | 'POLICY', head: LedgerHead): string {
  if (kind === 'KILL_SWITCH') return renderKillSwitch(head.killSwitch);
  return renderPolicy(head.policyVersion, head.policyJson);
}

interface KeptRefusal {
  readonly problem: { code: ProblemError['code']; message: string; extras?: Record<string, unknown> };
}

/** Business refusals are answers too, and are kept like them; a missing row may yet appear. */
export function isKept(problem: ProblemError): boolean {
  return problem.code !== 'not_found';
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
