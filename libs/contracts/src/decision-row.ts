import { z } from 'zod';

export const decisionStatus = z.enum(['APPLIED', 'ESCALATED', 'REJECTED', 'REVERSED', 'EXPIRED']);
export type DecisionStatus = z.infer<typeof decisionStatus>;

export const judgeVerdict = z.enum(['PASS', 'ESCALATE', 'REJECT']);
export type JudgeVerdict = z.infer<typeof judgeVerdict>;

const gateResult = z.object({
  gate: z.string(),
  verdict: z.enum(['PASS', 'FAIL']),
  code: z.string().nullable(),
  message: z.string().nullable(),
});

/** A ledger row in the newest shape: seed 000's twelve fields first. Older shapes are made by src/versions. */
export const decisionRow = z
  .object({
    id: z.string(),
    agent: z.string(),
    action: z.string(),
    subject: z.string().nullable(),
    from_state: z.string().nullable(),
    to_state: z.string().nullable(),
    judge: z.object({ score: z.number(), verdict: judgeVerdict }).nullable(),
    tier: z.string().nullable(),
    evidence: z.array(z.string()),
    reversal: z.object({ action: z.string(), due_on: z.iso.date().nullable() }).nullable(),
    applied_at: z.string().nullable(),
    applied_by: z.object({ agent: z.string(), executor: z.string().nullable() }).nullable(),
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
  })
  .meta({ title: 'Decision', description: 'One row of the ledger. It never changes but for `reversed_by`.' });
export type DecisionRow = z.infer<typeof decisionRow>;
