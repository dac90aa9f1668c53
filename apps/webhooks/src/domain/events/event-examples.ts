/** Examples of `data` in the newest shape: what the catalogue shows and a test of an endpoint sends. */
export const DECISION_EXAMPLE = {
  id: 'dec_01J9X2KQZP6E3XL2000000000A',
  agent: 'partner:research-tool',
  action: 'PRICE_CHANGE',
  subject: 'linen-blazer-stone-m',
  from_state: 'PRICE=129.00',
  to_state: 'PRICE=123.00',
  judge: { score: 0.88, verdict: 'PASS' },
  tier: 'A',
  evidence: ['rsx://signals/2026-05-25/44912'],
  reversal: null,
  applied_at: '2026-05-25T06:14:02Z',
  applied_by: { agent: 'partner:research-tool', executor: 'planner' },
  decision_id: 42,
  status: 'APPLIED',
  store_id: null,
  cycle: null,
  gates: [{ gate: 'kill_switch', verdict: 'PASS', code: null, message: null }],
  reason: null,
  reverses: null,
  approves: null,
  reversed_by: null,
  recorded_at: '2026-05-25T06:14:02Z',
  tenant: 'linen-house',
  severity: 'info',
} as const;

export const KILL_SWITCH_EXAMPLE = {
  ...DECISION_EXAMPLE,
  agent: 'key:3',
  action: 'KILL_SWITCH_ENGAGE',
  subject: null,
  from_state: 'RELEASED',
  to_state: 'ENGAGED',
  judge: null,
  tier: null,
  evidence: [],
  applied_by: { agent: 'key:3', executor: null },
  gates: [],
  reason: 'stock count',
  severity: 'critical',
} as const;

export const ENDPOINT_EXAMPLE = {
  endpoint_id: 1,
  url: 'https://your-app.com/webhooks',
  reason: null,
  percent: 50,
  failing_since: '2026-05-25T06:14:02Z',
  tenant: 'linen-house',
  severity: 'warning',
} as const;

export const JOB_EXAMPLE = {
  id: 'job_01J9X2KQZP6E3XL2000000000A',
  type: 'webhook_replay',
  status: 'succeeded',
  progress: { total: 120, done: 120 },
  error: null,
  tenant: 'linen-house',
  severity: 'info',
} as const;
