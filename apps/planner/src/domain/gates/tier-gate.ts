import type { Tier } from '../catalogue/action.js';
import type { Proposal } from '../proposal.js';
import { failed, type GateVerdict, passed } from './verdict.js';

const RANK: Readonly<Record<Tier, number>> = { A: 1, B: 2, C: 3 };

// scheme://place, or kind#id as the platform's own agents cite ("perf#9123").
const REFERENCE = /^[a-z][a-z0-9+.-]*:\/\/\S+$|^[a-z][a-z0-9_-]*#[A-Za-z0-9._:-]+$/;

/** Is the evidence there, does it point somewhere, and is it as good as the action asks? */
export function tierGate({ action, evidenceTier, evidenceRef, evidence }: Proposal): GateVerdict {
  const gate = `tier_${evidenceTier}`;
  if (RANK[evidenceTier] > RANK[action.minimumTier]) {
    return failed(
      gate,
      'tier_too_low',
      `${action.name} needs evidence of tier ${action.minimumTier} or better; this is ${evidenceTier}.`,
    );
  }
  if (evidenceRef === undefined || !evidence.every((reference) => REFERENCE.test(reference))) {
    return failed(
      gate,
      'evidence_malformed',
      'Evidence must be given in evidence_ref as scheme://… or kind#id, such as perf#9123.',
    );
  }
  return passed(gate);
}
