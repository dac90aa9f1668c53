import { ProblemError } from '@magistry/errors';

const NUMBER = /^[1-9][0-9]{0,14}$/;
const ID = /^dec_[0-9A-HJKMNP-TV-Z]{26}$/;

/** A decision as a path names it: its number in the ledger or its id. What can be neither is `not_found`. */
export function parseDecisionPath(decision: string): { decisionId: number } | { id: string } {
  if (NUMBER.test(decision)) return { decisionId: Number(decision) };
  if (ID.test(decision)) return { id: decision };
  throw decisionNotFound();
}

export function decisionNotFound(): ProblemError {
  return new ProblemError('not_found', 'There is no such decision in this workspace.');
}
