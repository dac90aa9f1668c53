import type { Decision } from './decision.js';
import type { DecisionDraft } from './outcome.js';

/** Seed 001's answer to a live proposal. */
export function proposalAnswer(row: Decision): string {
  const isApplied = row.status === 'APPLIED';
  return JSON.stringify({
    decision_id: row.decisionId,
    status: row.status,
    ...judgementOf(row),
    reverse_op: isApplied && row.reversible ? `/v1/decisions/${row.decisionId}/reverse` : null,
    applied_at: row.appliedAt,
    escalation: row.status === 'ESCALATED' ? `/v1/escalations/${escalationIdOf(row.id)}` : null,
  });
}

/** The same keys for a dry run, which leaves nothing behind; `would_be` is as if the switch were released. */
export function dryRunAnswer(draft: DecisionDraft, killSwitchEngaged: boolean): string {
  return JSON.stringify({
    decision_id: null,
    status: 'DRY_RUN',
    would_be: draft.status,
    ...judgementOf(draft),
    reverse_op: null,
    applied_at: null,
    escalation: null,
    kill_switch_engaged: killSwitchEngaged,
  });
}

/** An escalation shares its decision's ULID. */
function escalationIdOf(decisionId: string): string {
  return `esc_${decisionId.slice('dec_'.length)}`;
}

function judgementOf(row: DecisionDraft) {
  const failed = row.gates.filter((gate) => !gate.passed);
  return {
    judge: row.judge,
    judge_score: (row.judgeScoreBasisPoints ?? 0) / 10_000,
    judge_factors: row.judgeFactors.map((factor) => ({
      name: factor.name,
      score: factor.scoreBasisPoints / 10_000,
      weight: factor.weightBasisPoints / 10_000,
      explanation: factor.explanation,
    })),
    gates_passed: row.gates.filter((gate) => gate.passed).map((gate) => gate.gate),
    gates_failed: failed.map((gate) => gate.gate),
    reasons: [...failed, ...row.concerns].map(({ gate, code, message }) => ({ gate, code, message })),
  };
}
