import { planner } from '@magistry/contracts';
import { catalogue } from './catalogue/catalogue.js';
import { type ReadProposal, readProposal } from './proposal.js';

/** A proposal as its ledger row keeps it. Empty texts were not given. */
export interface EscalatedProposal {
  readonly action: string;
  readonly subject: string;
  readonly storeId: string;
  readonly evidenceTier: string;
  /** evidence_ref first. */
  readonly evidence: readonly string[];
  readonly parametersJson: string;
}

/** Reads a row's proposal again by the present catalogue, on the very path that it came by. */
export function readEscalatedProposal(row: EscalatedProposal): ReadProposal {
  const [evidenceRef, ...evidence] = row.evidence;
  const subjectField = catalogue.get(row.action)?.subjectFields[0] ?? 'subject';
  return readProposal({
    ...(JSON.parse(row.parametersJson) as Record<string, unknown>),
    action: row.action,
    [subjectField]: row.subject,
    ...(row.storeId !== '' && { store_id: row.storeId }),
    evidence_tier: planner.proposalFields.evidence_tier.parse(row.evidenceTier),
    evidence_ref: evidenceRef,
    evidence,
    dry_run: false,
  });
}
