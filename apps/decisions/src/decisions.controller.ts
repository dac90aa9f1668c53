import { decisions, escalations } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { GetActorHistory } from './operations/get-actor-history.js';
import { GetDecision } from './operations/get-decision.js';
import { GetEscalatedProposal } from './operations/get-escalated-proposal.js';
import { GetEscalation } from './operations/get-escalation.js';
import { GetKillSwitch } from './operations/get-kill-switch.js';
import { GetLedgerHead } from './operations/get-ledger-head.js';
import { GetOutboxState } from './operations/get-outbox-state.js';
import { ListAuditEntries } from './operations/list-audit-entries.js';
import { ListDecisions } from './operations/list-decisions.js';
import { ListEscalations } from './operations/list-escalations.js';
import { ReadOutbox } from './operations/read-outbox.js';
import { RejectEscalation } from './operations/reject-escalation.js';
import { ReverseDecision } from './operations/reverse-decision.js';
import { SetKillSwitch } from './operations/set-kill-switch.js';
import { VerifyLedger } from './operations/verify-ledger.js';

/**
 * Every subject of the service, but for `decisions.append.<shard>` and `decisions.get-writer-state.<shard>`, which
 * the shard's owner serves (writer/shard-owner.ts).
 */
@Controller()
export class DecisionsController {
  constructor(
    private readonly listDecisions: ListDecisions,
    private readonly getDecision: GetDecision,
    private readonly reverseDecision: ReverseDecision,
    private readonly listEscalations: ListEscalations,
    private readonly getEscalation: GetEscalation,
    private readonly getEscalatedProposal: GetEscalatedProposal,
    private readonly rejectEscalation: RejectEscalation,
    private readonly getKillSwitch: GetKillSwitch,
    private readonly setKillSwitch: SetKillSwitch,
    private readonly getLedgerHead: GetLedgerHead,
    private readonly getActorHistory: GetActorHistory,
    private readonly readOutbox: ReadOutbox,
    private readonly getOutboxState: GetOutboxState,
    private readonly verifyLedger: VerifyLedger,
    private readonly listAuditEntries: ListAuditEntries,
  ) {}

  @Handles(decisions.listDecisions)
  list(request: PublicRequest<typeof decisions.listDecisions>) {
    return this.listDecisions.execute(request);
  }

  @Handles(decisions.getDecision)
  get(request: PublicRequest<typeof decisions.getDecision>) {
    return this.getDecision.execute(request);
  }

  @Handles(decisions.reverseDecision)
  reverse(request: PublicRequest<typeof decisions.reverseDecision>) {
    return this.reverseDecision.execute(request);
  }

  @Handles(escalations.listEscalations)
  escalations(request: PublicRequest<typeof escalations.listEscalations>) {
    return this.listEscalations.execute(request);
  }

  @Handles(escalations.getEscalation)
  escalation(request: PublicRequest<typeof escalations.getEscalation>) {
    return this.getEscalation.execute(request);
  }

  @Handles(escalations.getEscalatedProposal)
  escalatedProposal(request: CallRequest<typeof escalations.getEscalatedProposal>) {
    return this.getEscalatedProposal.execute(request);
  }

  @Handles(escalations.rejectEscalation)
  reject(request: PublicRequest<typeof escalations.rejectEscalation>) {
    return this.rejectEscalation.execute(request);
  }

  @Handles(decisions.getKillSwitch)
  killSwitch(request: PublicRequest<typeof decisions.getKillSwitch>) {
    return this.getKillSwitch.execute(request);
  }

  @Handles(decisions.setKillSwitch)
  flip(request: PublicRequest<typeof decisions.setKillSwitch>) {
    return this.setKillSwitch.execute(request);
  }

  @Handles(decisions.getLedgerHead)
  head(request: CallRequest<typeof decisions.getLedgerHead>) {
    return this.getLedgerHead.execute(request);
  }

  @Handles(decisions.getActorHistory)
  history(request: CallRequest<typeof decisions.getActorHistory>) {
    return this.getActorHistory.execute(request);
  }

  @Handles(decisions.readOutbox)
  outbox(request: CallRequest<typeof decisions.readOutbox>) {
    return this.readOutbox.execute(request);
  }

  @Handles(decisions.getOutboxState)
  outboxState(request: CallRequest<typeof decisions.getOutboxState>) {
    return this.getOutboxState.execute(request);
  }

  @Handles(decisions.verifyLedger)
  verify(request: CallRequest<typeof decisions.verifyLedger>) {
    return this.verifyLedger.execute(request);
  }

  @Handles(decisions.listAuditEntries)
  audit(request: PublicRequest<typeof decisions.listAuditEntries>) {
    return this.listAuditEntries.execute(request);
  }
}
