import {
  type DecisionRow,
  decisions,
  judgeVerdict,
  readAttribution,
  readReversal,
  versionChain,
} from '@magistry/contracts';
import type { Decision, GateVerdict } from './decision.js';

/** A row's JSON, cut where what becomes known later is put in at read. */
export interface RenderedRow {
  readonly beforeReversedBy: string;
  readonly afterReversedBy: string;
}

const SPLICE_MEMBER = '"reversed_by":';
const SPLICE = `${SPLICE_MEMBER}null`;

/** Made once per row and API version: the row never changes, only `reversed_by` does. */
export function renderRow(decision: Decision, apiVersion: string): RenderedRow {
  const row = publicRow(decision);
  const down = versionChain(decisions.getDecision.name, apiVersion)?.down;
  const json = JSON.stringify(down ? down(row) : row);
  const cut = json.lastIndexOf(SPLICE) + SPLICE_MEMBER.length;
  return { beforeReversedBy: json.slice(0, cut), afterReversedBy: json.slice(cut + 'null'.length) };
}

export function spliceRow(row: RenderedRow, reversedBy: number | null): string {
  return `${row.beforeReversedBy}${reversedBy}${row.afterReversedBy}`;
}

/** The newest shape; older ones are made of it by the contracts' version changes. */
function publicRow(row: Decision): DecisionRow {
  return {
    id: row.id,
    agent: row.agent,
    action: row.action,
    subject: row.subject,
    from_state: row.fromState,
    to_state: row.toState,
    judge: judgeOf(row),
    tier: row.tier,
    evidence: [...row.evidence],
    reversal: row.reversal === null ? null : readReversal(row.reversal),
    applied_at: row.appliedAt,
    applied_by: row.appliedBy === null ? null : readAttribution(row.appliedBy),
    decision_id: row.decisionId,
    status: row.status,
    store_id: row.storeId,
    cycle: row.cycle,
    gates: [...row.gates, ...row.concerns].map(publicGate),
    reason: row.reason,
    reverses: row.reverses,
    approves: row.approves,
    // Only these two follow the splice, and neither can hold its text.
    reversed_by: null,
    recorded_at: row.recordedAt,
  };
}

function judgeOf({ judge, judgeScoreBasisPoints }: Decision): DecisionRow['judge'] {
  if (judge === null || judgeScoreBasisPoints === null) return null;
  return { score: judgeScoreBasisPoints / 10_000, verdict: judgeVerdict.parse(judge) };
}

function publicGate(gate: GateVerdict): DecisionRow['gates'][number] {
  if (gate.passed) return { gate: gate.gate, verdict: 'PASS', code: null, message: null };
  return { gate: gate.gate, verdict: 'FAIL', code: gate.code, message: gate.message };
}
