import { decisions, type PublicOperation, planner } from '@magistry/contracts';

/** One of the requests that fill a sandbox, in the order in which they are sent. */
export interface SandboxStep {
  readonly name: string;
  readonly operation: PublicOperation;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whose row it is: the partner's own, which it may then reverse, or the platform's. */
  readonly by: 'partner' | 'platform';
}

/** A mark that the sandbox's policy protects, so that a refusal can be tried out. */
const PROTECTED_MARK = 'Alpine Fox';

const sample = (name: string, body: Record<string, unknown>): SandboxStep => ({
  name,
  operation: planner.propose,
  by: 'partner',
  body: { evidence_tier: 'A', evidence_ref: `sandbox://samples/${name}`, ...body },
});

const flip = (name: string, engaged: boolean, reason: string): SandboxStep => ({
  name,
  operation: decisions.setKillSwitch,
  by: 'platform',
  body: { engaged, reason },
});

/**
 * What a new sandbox holds: a policy, a dry run that was judged before anything was released, and one decision of
 * each kind. The switch is engaged again at the end, as in every new workspace (design: api.md section 8).
 */
export const SANDBOX_STEPS: readonly SandboxStep[] = [
  {
    name: 'policy',
    operation: planner.setPolicy,
    by: 'platform',
    body: { protected_marks: [PROTECTED_MARK], reason: "The sandbox's policy." },
  },
  sample('dry-run', { action: 'PRICE_CHANGE', sku: 'sample-linen-shirt-m', delta_eur: -4, dry_run: true }),
  flip('release', false, 'Samples are applied.'),
  sample('price', { action: 'PRICE_CHANGE', sku: 'sample-linen-shirt-m', delta_eur: -4 }),
  sample('launch', { action: 'PRODUCT_LAUNCH', sku: 'sample-wool-scarf' }),
  sample('escalated', { action: 'PRICE_CHANGE', sku: 'sample-leather-bag', delta_eur: -60 }),
  sample('rejected', {
    action: 'LISTING_EDIT',
    sku: 'sample-wool-scarf',
    title: `${PROTECTED_MARK} wool scarf`,
  }),
  flip('engage', true, 'The samples are applied; release it to try live actions.'),
];
