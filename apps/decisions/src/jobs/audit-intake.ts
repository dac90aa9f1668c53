import { identity } from '@magistry/contracts';
import { type Caller, type NatsConnection, StreamFollower } from '@magistry/messaging';
import { OutboxConsumer, readBackFrom } from '@magistry/outbox';
import type { Pool } from '@magistry/persistence';
import type { Logger } from '@magistry/telemetry';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { AuditInbox } from '../storage/across/audit-inbox.js';

const FOLLOWER = 'decisions';
const SOURCE = 'identity';

export interface IntakeOptions {
  readonly nats: NatsConnection;
  readonly caller: Caller;
  readonly across: Pool;
  readonly logger: Logger;
}

/** Takes what identity recorded into the audit log. Every process does; the inbox gives each event to one. */
export class AuditIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly consumers: readonly OutboxConsumer[];

  constructor(options: IntakeOptions) {
    const shards = Array.from({ length: identity.AUDIT_SHARDS }, (_, shard) => shard);
    this.consumers = shards.map((shard) => consumerOf(shard, options));
  }

  onApplicationBootstrap(): void {
    for (const consumer of this.consumers) consumer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }
}

function consumerOf(shard: number, { nats, caller, across, logger }: IntakeOptions): OutboxConsumer {
  return new OutboxConsumer({
    openFollower: () => StreamFollower.open(nats, { follower: FOLLOWER, source: SOURCE, shard }),
    readBack: readBackFrom(caller, identity.readOutbox, { follower: FOLLOWER, shard }),
    inbox: new AuditInbox(across, SOURCE, shard),
    onFault: (error) => logger.warn({ source: SOURCE, shard, error }, 'audit events wait; trying again'),
    onLost: (first, last) =>
      logger.error({ source: SOURCE, shard, first, last }, 'audit events are gone from their source'),
  });
}
