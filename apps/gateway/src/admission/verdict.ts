import type { BucketReading } from './rate-fields.js';
import type { RateRule } from './rate-table.js';

/** Asks for an Idempotency-Key. The key itself is only there as an HMAC. */
export interface ClaimRequest {
  readonly keyHmac: Buffer;
  readonly fingerprint: Uint8Array;
  /** From now; later somebody else may ask the service again under this key. */
  readonly leaseMs: number;
}

export type ClaimOutcome =
  | { readonly state: 'claimed'; readonly claim: HeldClaim }
  /** The claim is another request's. */
  | { readonly state: 'running'; readonly claim: HeldClaim }
  | { readonly state: 'mismatch'; readonly fingerprint: Uint8Array }
  | { readonly state: 'completed'; readonly sealedAnswer: Buffer };

/** Names a claim by who holds it: this request, for `settle`, or another one. */
export interface HeldClaim {
  readonly principalId: string;
  readonly keyHmac: Buffer;
  readonly owner: string;
}

export type Settlement =
  | { readonly state: 'completed'; readonly sealedAnswer: Buffer }
  | { readonly state: 'unknown' | 'free' };

export interface Verdict {
  readonly reading: BucketReading;
  readonly violated: 'rate' | 'concurrency' | undefined;
  /** Undefined without a key, and while Redis is away: then the service alone tells a retry. */
  readonly claim: ClaimOutcome | undefined;
}

/** One request that waits to be let in. */
export interface Asked {
  readonly principalId: string;
  readonly rule: RateRule;
  readonly claim: ClaimRequest | undefined;
  readonly owner: string;
}

/** What the script answers: units within rate and concurrency, debt, now, then the outcomes of claims. */
export type AdmitAnswer = [number, number, number, number, ...Buffer[][]];

/** Each request sees the bucket as if it had come alone, one after the other. */
export function verdictsOf(asked: readonly Asked[], answer: AdmitAnswer): Verdict[] {
  const [withinRate, withinConcurrency, debtUs, nowUs, ...outcomes] = answer;
  const admitted = Math.min(withinRate, withinConcurrency);
  let nextOutcome = 0;
  return asked.map(({ principalId, rule, claim, owner }, index) => {
    const outcome = claim ? outcomes[nextOutcome++] : undefined;
    if (index >= admitted) {
      const violated = index >= withinRate ? 'rate' : 'concurrency';
      return { reading: { rule, debtUs, nowUs }, violated, claim: undefined };
    }
    const reading = { rule, debtUs: debtUs - (admitted - 1 - index) * rule.intervalUs, nowUs };
    const held = claim && { principalId, keyHmac: claim.keyHmac, owner };
    return { reading, violated: undefined, claim: held && outcome && outcomeOf(held, outcome) };
  });
}

function outcomeOf(claim: HeldClaim, [state, detail]: readonly Buffer[]): ClaimOutcome {
  switch (String(state)) {
    case 'claimed':
      return { state: 'claimed', claim };
    case 'running':
      return { state: 'running', claim: { ...claim, owner: String(detail ?? '') } };
    case 'mismatch':
      return { state: 'mismatch', fingerprint: detail ?? Buffer.alloc(0) };
    case 'completed':
      return { state: 'completed', sealedAnswer: detail ?? Buffer.alloc(0) };
    default:
      throw new Error(`the admission script answered an unknown claim state`);
  }
}
