import { decisions } from '@magistry/contracts';
import { AnswerSeal } from '@magistry/idempotency';
import { Caller, type NatsConnection } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { DecisionsController } from './decisions.controller.js';
import { AuditIntake } from './jobs/audit-intake.js';
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
import { Housekeeping } from './storage/across/housekeeping.js';
import { LedgerStretches } from './storage/across/ledger-stretch.js';
import { OutboxReader } from './storage/across/outbox-reader.js';
import { OutboxState } from './storage/across/outbox-state.js';
import { AuditReader } from './storage/audit-reader.js';
import { DecisionReader } from './storage/decision-reader.js';
import { EscalationReader } from './storage/escalation-reader.js';
import { HeadReader } from './storage/head-reader.js';
import type { LedgerDatabase } from './storage/ledger-database.js';
import { LedgerEnds } from './storage/ledger-ends.js';
import { ShardOwner } from './writer/shard-owner.js';
import { ShardOwners } from './writer/shard-owners.js';

export interface DecisionsOptions {
  readonly nats: NatsConnection;
  readonly database: LedgerDatabase;
  readonly logger: Logger;
  readonly cursorSecret: string;
  readonly sealingSecret: string;
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with(options: DecisionsOptions): DynamicModule {
    const { database, nats, now } = options;
    const { across } = database;
    const caller = new Caller(nats);
    const decisionReader = new DecisionReader(database);
    const escalationReader = new EscalationReader(database);
    const headReader = new HeadReader(database);
    const shards = Array.from({ length: decisions.LEDGER_SHARDS }, (_, shard) => shard);
    const seal = new AnswerSeal(options.sealingSecret);
    const owners = shards.map((shard) => new ShardOwner({ ...options, shard, seal }));
    return {
      module: AppModule,
      controllers: [DecisionsController],
      providers: [
        provide(
          ListDecisions,
          new ListDecisions(decisionReader, new LedgerEnds(database), options.cursorSecret),
        ),
        provide(GetDecision, new GetDecision(decisionReader)),
        provide(ReverseDecision, new ReverseDecision(caller)),
        provide(ListEscalations, new ListEscalations(escalationReader, options.cursorSecret, now)),
        provide(GetEscalation, new GetEscalation(escalationReader, now)),
        provide(GetEscalatedProposal, new GetEscalatedProposal(escalationReader)),
        provide(RejectEscalation, new RejectEscalation(caller)),
        provide(GetKillSwitch, new GetKillSwitch(headReader)),
        provide(SetKillSwitch, new SetKillSwitch(caller)),
        provide(GetLedgerHead, new GetLedgerHead(headReader)),
        provide(GetActorHistory, new GetActorHistory(headReader, now)),
        provide(ReadOutbox, new ReadOutbox(shards.map((shard) => new OutboxReader(across, shard)))),
        provide(GetOutboxState, new GetOutboxState(new OutboxState(across), now)),
        provide(VerifyLedger, new VerifyLedger(new LedgerStretches(database))),
        provide(ListAuditEntries, new ListAuditEntries(new AuditReader(database), options.cursorSecret)),
        provide(AuditIntake, new AuditIntake({ ...options, caller })),
        provide(ShardOwners, new ShardOwners(owners, new Housekeeping(across), options)),
      ],
    };
  }
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
