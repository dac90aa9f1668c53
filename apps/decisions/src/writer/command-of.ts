import type {
  AppendRequest,
  ApproveEscalationCommand,
  Effect as EffectMessage,
  ProposeCommand,
  RequestContext,
} from '@magistry/contracts';
import { principalOf } from '@magistry/request-context';
import type { Approval, Command, Proposal } from '../domain/commands.js';
import type { Effect } from '../domain/subject-state.js';

/** The append message in the ledger's own words; what protobuf leaves empty is null here. */
export function commandOf(context: RequestContext, { command }: AppendRequest): Command {
  const { actor } = principalOf(context);
  switch (command.case) {
    case 'propose':
      return { ...proposalOf(command.value), actor };
    case 'reverse': {
      const { decision, reason, ownRowsOnly } = command.value;
      return { type: 'reverse', actor, decision, reason, isOwnRowsOnly: ownRowsOnly };
    }
    case 'setKillSwitch':
      return { type: 'set-kill-switch', actor, engaged: command.value.engaged, reason: command.value.reason };
    case 'setPolicy':
      return {
        type: 'set-policy',
        actor,
        policyJson: command.value.policyJson,
        reason: command.value.reason || null,
      };
    case 'approveEscalation':
      return { ...approvalOf(command.value), actor };
    case 'rejectEscalation': {
      const { escalation, reason } = command.value;
      return { type: 'reject-escalation', actor, escalation, reason };
    }
    default:
      throw new Error(`append ${context.requestId} carries no command`);
  }
}

function approvalOf(message: ApproveEscalationCommand): Approval {
  return {
    type: 'approve-escalation',
    escalation: message.escalation,
    reason: message.reason,
    leaf: Buffer.from(message.leaf).toString('hex'),
    policyVersion: message.policyVersion,
    pureGates: message.gates,
    effect: message.effect ? effectOf(message.effect) : null,
    budgetDraw: message.budgetDraw ?? null,
  };
}

function proposalOf(message: ProposeCommand): Proposal {
  return {
    type: 'propose',
    action: message.action,
    subject: message.subject,
    storeId: message.storeId || null,
    tier: message.evidenceTier,
    evidence: message.evidence,
    isDryRun: message.dryRun,
    policyVersion: message.policyVersion,
    pureGates: message.gates,
    judge: message.judgement?.verdict ?? 'REJECT',
    judgeScoreBasisPoints: message.judgement?.scoreBasisPoints ?? 0,
    judgeFactors: message.judgement?.factors ?? [],
    escalations: message.escalations,
    effect: message.effect ? effectOf(message.effect) : null,
    uniquenessDigest: Buffer.from(message.uniquenessDigest).toString('hex'),
    budgetDraw: message.budgetDraw ?? null,
    velocityPerMinute: message.velocityPerMinute,
    parametersJson: message.parametersJson,
    reversal: message.reversal || null,
    isReversible: message.reversible,
  };
}

function effectOf({ facet, change, initialState }: EffectMessage): Effect | null {
  if (change.case === 'deltaMinor') return { facet, deltaMinor: change.value };
  if (change.case === 'toState') return { facet, toState: change.value, initialState: initialState || null };
  return null;
}
