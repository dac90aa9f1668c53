import { z } from 'zod';

export const decisionStatus = z.enum(['APPLIED', 'ESCALATED', 'REJECTED', 'REVERSED', 'EXPIRED']);
export type DecisionStatus = z.infer<typeof decisionStatus>;

const gateResult = z.object({
  gate: z.string(),
  verdict: z.enum(['PASS', 'FAIL']),
  code: z.string().nullable(),
  message: z.string().nullable(),
});

/** A ledger row as GET shows it at 2026-05-01: seed 000's twelve fields, then those of the public contract. */
export const decisionRow = z.object({
  id: z.string(),
  agent: z.string(),
  action: z.string(),
  subject: z.string().nullable(),
  from_state: z.string().nullable(),
  to_state: z.string().nullable(),
  judge_score: z.number().nullable(),
  tier: z.string().nullable(),
  evidence: z.array(z.string()),
  reversal: z.string().nullable(),
  applied_at: z.string().nullable(),
  applied_by: z.string().nullable(),
  decision_id: z.number().int(),
  status: decisionStatus,
  store_id: z.string().nullable(),
  cycle: z.string().nullable(),
  gates: z.array(gateResult),
  reason: z.string().nullable(),
  reverses: z.number().int().nullable(),
  /** The ESCALATED decision that this row answers; `status` says how: only APPLIED approved it. */
  approves: z.number().int().nullable(),
  reversed_by: z.number().int().nullable(),
  recorded_at: z.string(),
});
export type DecisionRow = z.infer<typeof decisionRow>;
