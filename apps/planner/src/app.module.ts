import { Caller, type NatsConnection } from '@magistry/messaging';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { ActorHistories } from './ledger/actor-histories.js';
import { Ledger } from './ledger/ledger.js';
import { LedgerHeads } from './ledger/ledger-heads.js';
import { PresentPolicy } from './ledger/present-policy.js';
import { ApproveEscalation } from './operations/approve-escalation.js';
import { GetPolicy } from './operations/get-policy.js';
import { ListActions } from './operations/list-actions.js';
import { Propose } from './operations/propose.js';
import { SetPolicy } from './operations/set-policy.js';
import { PlannerController } from './planner.controller.js';

export interface PlannerOptions {
  readonly nats: NatsConnection;
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with({ nats, now }: PlannerOptions): DynamicModule {
    const caller = new Caller(nats);
    const ledger = new Ledger(caller);
    const heads = new LedgerHeads(caller);
    const presentPolicy = new PresentPolicy(ledger, heads);
    const histories = new ActorHistories(caller, now);
    return {
      module: AppModule,
      controllers: [PlannerController],
      providers: [
        provide(Propose, new Propose(presentPolicy, histories)),
        provide(ApproveEscalation, new ApproveEscalation(caller, presentPolicy)),
        provide(ListActions, new ListActions()),
        provide(GetPolicy, new GetPolicy(heads)),
        provide(SetPolicy, new SetPolicy(ledger)),
      ],
    };
  }
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
