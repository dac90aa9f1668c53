import { ProblemError } from '@magistry/errors';
import { keyReused, mismatchOf } from '@magistry/idempotency';
import type { Admission } from '../admission/admission.js';
import type { ClaimOutcome, ClaimRequest } from '../admission/verdict.js';
import { overLimit, writeRateHeaders } from '../presenters/rate-headers.js';
import type { Exchange } from './exchange.js';
import type { ReplayStore } from './replay-store.js';
import type { Stage } from './stage.js';

/** A principal that is known to be over its limit goes no further: its body is not even read. */
export function refuseOverLimit(admission: Admission): Stage {
  return (exchange) => {
    const rule = exchange.ruleOf(exchange.credential);
    const reading = admission.findDenial(exchange.credential.principal.id, rule);
    if (!reading) return;
    exchange.isCharged = true;
    writeRateHeaders(exchange.reply, reading);
    throw overLimit(reading, 'rate');
  };
}

/** One unit of the limits and the claim of the Idempotency-Key, in one step; or the first answer again. */
export function admit(admission: Admission, replays: ReplayStore): Stage {
  return async (exchange) => {
    await charge(admission, exchange, replays.claimRequest(exchange));
    const outcome = exchange.claimOutcome;
    if (outcome?.state === 'running') void admission.endOfDead(outcome.claim);
    if (outcome) honour(outcome, exchange, replays);
  };
}

/** Lets the request in, or throws `rate_limit_exceeded`. */
export async function charge(
  admission: Admission,
  exchange: Exchange,
  claim: ClaimRequest | undefined,
): Promise<void> {
  const principalId = exchange.credential.principal.id;
  const rule = exchange.ruleOf(exchange.credential);
  exchange.isCharged = true;
  const verdict = await admission.admit(principalId, rule, claim);
  writeRateHeaders(exchange.reply, verdict.reading);
  if (verdict.violated) throw overLimit(verdict.reading, verdict.violated);
  exchange.leave = () => admission.release(principalId);
  exchange.claimOutcome = verdict.claim;
}

function honour(outcome: ClaimOutcome, exchange: Exchange, replays: ReplayStore): void {
  switch (outcome.state) {
    case 'claimed':
      return;
    case 'completed':
      exchange.replay = replays.open(exchange, outcome.sealedAnswer);
      return;
    case 'mismatch':
      throw keyReused(mismatchOf(outcome.fingerprint, exchange.idempotency?.fingerprint ?? new Uint8Array()));
    case 'running':
      throw new ProblemError(
        'idempotency_in_progress',
        'A request with this Idempotency-Key is still running. Retry shortly with the same key.',
        { retryAfterSeconds: 1 },
      );
  }
}
