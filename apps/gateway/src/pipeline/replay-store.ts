import type { Success } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import {
  AnswerSeal,
  isKeptRefusal,
  type KeyOwner,
  keepRefusal,
  keepSuccess,
  replayKept,
} from '@magistry/idempotency';
import type { Admission } from '../admission/admission.js';
import type { ClaimRequest, HeldClaim } from '../admission/verdict.js';
import type { Exchange } from './exchange.js';

/** After the deadline nobody works on a request; one second more, and its claim may be taken over. */
const LEASE_MARGIN_MS = 1_000;
/** A longer answer is not kept here: a retry gets it from the service. */
const KEPT_BYTES_MAX = 1024 * 1024;

/**
 * First answers, kept under their Idempotency-Key for as long as Redis keeps them. The truth is the service's
 * own row: what is not found here is asked there, under the same key.
 */
export class ReplayStore {
  private readonly seal: AnswerSeal;

  constructor(
    private readonly admission: Admission,
    secret: string,
  ) {
    this.seal = new AnswerSeal(secret);
  }

  claimRequest(exchange: Exchange): ClaimRequest | undefined {
    const { idempotency, operation } = exchange;
    if (!idempotency) return undefined;
    return {
      keyHmac: this.seal.keyHmac(ownerOf(exchange), idempotency.key),
      fingerprint: idempotency.fingerprint,
      leaseMs: operation.deadlineMs + LEASE_MARGIN_MS,
    };
  }

  /** The first answer; throws it where it was a refusal. Undefined when it cannot be read: ask the service. */
  open(exchange: Exchange, sealedAnswer: Buffer): Success | undefined {
    const { idempotency } = exchange;
    if (!idempotency) return undefined;
    const answer = this.tryOpen(ownerOf(exchange), idempotency.key, sealedAnswer);
    return answer && replayKept(answer);
  }

  answered(exchange: Exchange, success: Success): void {
    const claim = heldBy(exchange);
    if (!claim) return;
    if (success.withoutEffect) this.admission.settle(claim, { state: 'free' });
    // A log is no answer to keep: its service finds it again by the key.
    else if (success.eventLog) this.admission.settle(claim, { state: 'unknown' });
    else this.keep(exchange, claim, keepSuccess(success, exchange.request.id));
  }

  /** A refusal is kept or frees the key; whatever leaves the outcome open makes a retry ask the service. */
  refused(exchange: Exchange, error: unknown): void {
    const claim = heldBy(exchange);
    if (!claim) return;
    const isOpen = !(error instanceof ProblemError) || error.code === 'timeout';
    if (isOpen) this.admission.settle(claim, { state: 'unknown' });
    else if (isKeptRefusal(error)) this.keep(exchange, claim, keepRefusal(error, exchange.request.id));
    else this.admission.settle(claim, { state: 'free' });
  }

  /** The client is gone: its retry does not wait for this request, which the service knows by its key. */
  left(exchange: Exchange): void {
    const claim = heldBy(exchange);
    if (claim) this.admission.settle(claim, { state: 'unknown' });
  }

  private keep(exchange: Exchange, claim: HeldClaim, answer: Uint8Array): void {
    const { idempotency } = exchange;
    if (!idempotency || answer.length > KEPT_BYTES_MAX) {
      this.admission.settle(claim, { state: 'unknown' });
      return;
    }
    const sealedAnswer = this.seal.seal(ownerOf(exchange), idempotency.key, answer);
    this.admission.settle(claim, { state: 'completed', sealedAnswer });
  }

  // Sealed under another secret, or damaged: as good as not there.
  private tryOpen(owner: KeyOwner, key: string, sealedAnswer: Buffer): Buffer | undefined {
    try {
      return this.seal.open(owner, key, sealedAnswer);
    } catch {
      return undefined;
    }
  }
}

function heldBy({ claimOutcome }: Exchange): HeldClaim | undefined {
  return claimOutcome?.state === 'claimed' ? claimOutcome.claim : undefined;
}

function ownerOf({ workspace, principal }: Exchange): KeyOwner {
  return { workspaceId: workspace.id, principalId: principal.id };
}
