import type { DecisionRow } from '@magistry/contracts';
import type { Decision, GateVerdict } from './decision.js';

/** A row's JSON, cut where what becomes known later is put in at read. */
export interface RenderedRow {
  readonly beforeReversedBy: string;
  readonly afterReversedBy: string;
}

const SPLICE_MEMBER = '"reversed_by":';
const SPLICE = `${SPLICE_MEMBER}null`;

/** Made once per row: the row never changes, only `reversed_by` does. */
export function renderRow(decision: Decision): RenderedRow {
  const json = JSON.stringify(publicRow(decision));
  const cut = json.lastIndexOf(SPLICE) + SPLICE_MEMBER.length;
  return { beforeReversedBy: json.slice(0, cut), afterReversedBy: json.slice(cut + 'null'.length) };
}

export function spliceRow(row: RenderedRow, reversedBy: number | null): string {
  return `${row.beforeReversedBy}${reversedBy}${row.afterReversedBy}`;
}

/** The shape of 2026-05-01: seed 000's twelve fields first. */
function publicRow(row: Decision): DecisionRow {
  return {
    id: row.id,
    agent: row.agent,
    action: row.action,
    subject: row.subject,
    from_state: row.fromState,
    to_state: row.toState,
    judge_score: row.judgeScoreBasisPoints === null ? null : row.judgeScoreBasisPoints / 10_000,
    tier: row.tier,
    evidence: [...row.evidence],
    reversal: row.reversal,
    applied_at: row.appliedAt,
    applied_by: row.appliedBy,
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

function publicGate(gate: GateVerdict): DecisionRow['gates'][number] {
  if (gate.passed) return { gate: gate.gate, verdict: 'PASS', code: null, message: null };
  return { gate: gate.gate, verdict: 'FAIL', code: gate.code, message: gate.message };
}
