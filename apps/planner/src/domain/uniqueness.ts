import { digestOf } from './digest.js';
import type { Proposal } from './proposal.js';

/** Equal for proposals that ask the same of the same subject on the same evidence, dry run or not. */
export function uniquenessDigest(proposal: Proposal): Uint8Array {
  return digestOf({
    action: proposal.action.name,
    subject: proposal.subject,
    store_id: proposal.storeId,
    parameters: proposal.parameters,
    evidence_ref: proposal.evidenceRef,
  });
}
