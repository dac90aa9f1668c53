import { z } from 'zod';
import { money, none, text, tier } from './fields.js';
import { publicOperation } from './operation.js';

const reason = z.object({ gate: z.string(), code: z.string(), message: z.string() });

/**
 * Fields that every proposal has (seed 001). An action's own parameters stand beside them and are checked by
 * the planner against its catalogue, so the body is open here and closed there.
 */
export const proposalFields = {
  tenant: text(64).optional(),
  actor: text(128).optional(),
  action: text(64),
  sku: text(128).optional(),
  variant_id: text(128).optional(),
  subject: text(128).optional(),
  store_id: text(64).optional(),
  evidence_tier: tier,
  evidence_ref: text(500).optional(),
  evidence: z.array(text(500)).max(20).optional(),
  dry_run: z.boolean().default(false),
};

// zod drops this name from an open object without a word; like any unknown field it must be named.
function refuseUnsafeName(body: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof body === 'object' && body !== null && Object.hasOwn(body, '__proto__')) {
    context.addIssue({ code: 'unrecognized_keys', keys: ['__proto__'], input: { ...body } });
  }
  return body;
}

export const propose = publicOperation({
  name: 'planner.propose',
  summary: 'Propose an action: gates and judge decide, and the answer gives their reasons.',
  sample: {
    body: {
      action: 'PRICE_CHANGE',
      sku: 'linen-blazer-stone-m',
      delta_eur: -6,
      evidence_tier: 'A',
      evidence_ref: 'rsx://signals/2026-05-25/44912',
      dry_run: false,
    },
  },
  scope: 'planner:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: '/v1/planner/propose', style: 'problem' }],
  params: none,
  query: none,
  body: z.preprocess(refuseUnsafeName, z.looseObject(proposalFields)),
  responses: {
    200: z.object({
      decision_id: z.number().int().nullable(),
      status: z.enum(['APPLIED', 'ESCALATED', 'REJECTED', 'DRY_RUN']),
      would_be: z.enum(['APPLIED', 'ESCALATED', 'REJECTED']).optional(),
      judge: z.enum(['PASS', 'ESCALATE', 'REJECT']),
      judge_score: z.number(),
      judge_factors: z.array(
        z.object({ name: z.string(), score: z.number(), weight: z.number(), explanation: z.string() }),
      ),
      gates_passed: z.array(z.string()),
      gates_failed: z.array(z.string()),
      reasons: z.array(reason),
      reverse_op: z.string().nullable(),
      applied_at: z.string().nullable(),
      escalation: z.string().nullable(),
      kill_switch_engaged: z.boolean().optional(),
    }),
  },
});

export const listActions = publicOperation({
  name: 'planner.list-actions',
  summary: 'The catalogue of actions: their parameters, gates, minimum tier and reverse.',
  scope: 'planner:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/planner/actions', style: 'problem' }],
  params: none,
  query: none,
  body: none,
  responses: {
    200: z.object({
      data: z.array(
        z.object({
          action: z.string(),
          description: z.string(),
          /** Fields of a proposal that may name the subject; exactly one is given. */
          subject_fields: z.array(z.string()),
          /** JSON Schema of the action's own parameters, which stand beside the common fields. */
          parameters: z.record(z.string(), z.unknown()),
          gates: z.array(z.string()),
          minimum_tier: tier,
          reverse_action: z.string().nullable(),
          /** Budget of the day that the action draws on. */
          budget: z.enum(['prices', 'ads']).nullable(),
        }),
      ),
    }),
  },
});

const amount = money.refine((value) => value >= 0, 'must not be negative');
const share = z.number().min(0).max(1);
const mark = text(100).refine((value) => /[\p{L}\p{N}]/u.test(value), 'must contain a letter or a digit');

/** The workspace's policy with the platform's defaults (design: api.md section 8). */
export const policy = z.strictObject({
  velocity_per_minute: z.number().int().min(0).max(1_000_000).default(600),
  price_budget_eur_per_day: amount.default(5_000),
  ads_budget_eur_per_day: amount.default(1_000),
  price_step_eur: amount.default(50),
  price_step_percent: z.number().min(0).max(100).default(30),
  judge_pass_from: share.default(0.7),
  judge_escalate_from: share.default(0.45),
  protected_marks: z.array(mark).max(1_000).default([]),
});
export type Policy = z.infer<typeof policy>;

const policyAnswer = z.object({ version: z.number().int(), policy });

export const getPolicy = publicOperation({
  name: 'planner.get-policy',
  summary: 'The thresholds, budgets and protected marks that proposals are judged by.',
  scope: 'planner:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: '/v1/planner/policy', style: 'problem' }],
  params: none,
  query: none,
  body: none,
  responses: { 200: policyAnswer },
});

export const setPolicy = publicOperation({
  name: 'planner.set-policy',
  summary: 'Replace the policy; what is left out gets its default.',
  sample: { body: { velocity_per_minute: 600, reason: 'A new season.' } },
  scope: 'planner:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'PUT', path: '/v1/planner/policy', style: 'problem' }],
  params: none,
  query: none,
  body: policy
    .extend({ reason: text(500).optional() })
    .refine((body) => body.judge_escalate_from <= body.judge_pass_from, {
      message: 'must not be above judge_pass_from',
      path: ['judge_escalate_from'],
    }),
  responses: { 200: policyAnswer },
});
