import { createHash } from 'node:crypto';
import type { RequestContext } from '@magistry/contracts';
import { AnswerSeal, fingerprintOf } from '@magistry/idempotency';
import { systemContext } from '@magistry/request-context';
import type { Command, Proposal } from './decisions-build.ts';

export const WORKSPACE = { id: 7, slug: 'bench-house', tier: 'enterprise' };
export const ACTOR = 'partner:research-tool';

/** Of the ledger's service, not of any real system. */
export const seal = new AnswerSeal('the sealing secret of a bench run');

/** One request as the ledger's writer receives it: seed 001's, each with a subject and a key of its own. */
export interface Submission {
  readonly context: RequestContext;
  readonly command: Proposal & Command;
  readonly key: string;
  readonly fingerprint: Uint8Array;
}

const GATES = ['tier_A', 'trademark'].map((gate) => ({ gate, passed: true, code: '', message: '' }));
const FACTORS = [
  ['tier', 10_000, 3_500, 'Evidence of tier A; A is the best.'],
  ['size', 9_200, 2_500, "6.00 EUR against the policy's price step of 50.00 EUR."],
  ['reversibility', 10_000, 2_000, 'PRICE_CHANGE undoes it.'],
  ['history', 5_000, 2_000, 'No proposals in the last 30 days; neither for nor against.'],
] as const;
const JUDGE_FACTORS = FACTORS.map(([name, scoreBasisPoints, weightBasisPoints, explanation]) => ({
  name,
  scoreBasisPoints,
  weightBasisPoints,
  explanation,
}));

const base = systemContext('bench', { deadlineMs: 3_600_000, workspace: WORKSPACE });
const principal = { ...base.principal, id: ACTOR, actor: ACTOR, scopes: ['*'] } as NonNullable<
  RequestContext['principal']
>;
const body = createHash('sha256').update('the body').digest();
const fingerprint = fingerprintOf({
  method: 'POST',
  path: '/v1/planner/propose',
  query: '',
  version: base.apiVersion,
  bodyHash: body,
});

/** Submissions without end; the same seed gives the same ones. */
export class Submissions {
  private readonly seed: string;
  private count = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  next(): Submission {
    this.count += 1;
    const name = `${this.seed}-${this.count}`;
    const key = `rsx-2026-05-25-${name}`;
    const idempotency = { key, fingerprint } as NonNullable<RequestContext['idempotency']>;
    return {
      key,
      fingerprint,
      command: proposalFor(name, this.count),
      context: { ...base, requestId: `req_${name}`, principal, idempotency },
    };
  }
}

function proposalFor(name: string, count: number): Proposal & Command {
  return {
    type: 'propose',
    actor: ACTOR,
    action: 'PRICE_CHANGE',
    subject: `linen-blazer-${name}`,
    storeId: 'de',
    tier: 'A',
    evidence: [`rsx://signals/2026-05-25/${count}`],
    isDryRun: false,
    policyVersion: 1,
    pureGates: GATES,
    judge: 'PASS',
    judgeScoreBasisPoints: 8_800,
    judgeFactors: JUDGE_FACTORS,
    escalations: [],
    effect: { facet: 'PRICE', deltaMinor: -600 },
    uniquenessDigest: createHash('sha256').update(name).digest('hex'),
    budgetDraw: null,
    velocityPerMinute: 0,
    parametersJson: '{"delta_eur":-6,"reverse_after_days":14}',
    reversal: 'PRICE_RESTORE@2026-06-08',
    isReversible: true,
  };
}
