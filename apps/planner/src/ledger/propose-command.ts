import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ProposeCommandSchema } from '@magistry/contracts';
import { assess } from '../domain/assess.js';
import { canonicalJson } from '../domain/digest.js';
import type { ActorHistory } from '../domain/judge.js';
import type { Rules } from '../domain/policy.js';
import type { Proposal } from '../domain/proposal.js';
import { uniquenessDigest } from '../domain/uniqueness.js';

type ProposeCommand = Exclude<MessageInitShape<typeof ProposeCommandSchema>, { $typeName: string }>;

/** A judged proposal as the facts that the ledger's writer decides by. */
export function proposeCommand(proposal: Proposal, rules: Rules, history: ActorHistory): ProposeCommand {
  const { action, consequences } = proposal;
  const { gates, judgement, escalations, draw } = assess(proposal, rules, history);
  return {
    action: action.name,
    subject: proposal.subject,
    storeId: proposal.storeId ?? '',
    evidenceTier: proposal.evidenceTier,
    evidence: [...proposal.evidence],
    dryRun: proposal.isDryRun,
    policyVersion: rules.version,
    gates: [...gates],
    judgement: { ...judgement, factors: [...judgement.factors] },
    effect: consequences.effect,
    uniquenessDigest: uniquenessDigest(proposal),
    ...(draw && {
      budgetDraw: {
        budget: draw.budget,
        amountMinor: draw.amountMinor,
        limitMinorPerDay: draw.limitMinorPerDay,
      },
    }),
    velocityPerMinute: rules.velocityPerMinute,
    parametersJson: canonicalJson(proposal.parameters),
    reversal: consequences.reversal ?? '',
    escalations: [...escalations],
    reversible: action.reverseAction !== null,
  };
}
