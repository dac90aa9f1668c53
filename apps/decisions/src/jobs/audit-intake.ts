import { agents, identity } from '@magistry/contracts';
import { type Caller, type NatsConnection, StreamFollower } from '@magistry/messaging';
import { OutboxConsumer, readBackFrom } from '@magistry/outbox';
import type { Logger } from '@magistry/telemetry';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { AuditInbox } from '../storage/across/audit-inbox.js';
import type { LedgerDatabase } from '../storage/ledger-database.js';

const FOLLOWER = 'decisions';
/** Services that record what is done in them. */
const SOURCES = [
  { source: 'identity', shards: identity.AUDIT_SHARDS, readOutbox: identity.readOutbox },
  { source: 'agents', shards: agents.AUDIT_SHARDS, readOutbox: agents.readOutbox },
] as const;
type Source = (typeof SOURCES)[number];

export interface IntakeOptions {
  readonly nats: NatsConnection;
  readonly caller: Caller;
  readonly database: LedgerDatabase;
  readonly logger: Logger;
}

/** Takes what other services recorded into the audit log. Every process does; the inbox gives each event to one. */
export class AuditIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly consumers: readonly OutboxConsumer[];

  constructor(options: IntakeOptions) {
    this.consumers = SOURCES.flatMap((source) =>
      Array.from({ length: source.shards }, (_, shard) => consumerOf(source, shard, options)),
    );
  }

  onApplicationBootstrap(): void {
    for (const consumer of this.consumers) consumer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }
}

function consumerOf(
  { source, readOutbox }: Source,
  shard: number,
  { nats, caller, database, logger }: IntakeOptions,
): OutboxConsumer {
  return new OutboxConsumer({
    openFollower: () => StreamFollower.open(nats, { follower: FOLLOWER, source, shard }),
    readBack: readBackFrom(caller, readOutbox, { follower: FOLLOWER, shard }),
    inbox: new AuditInbox(database, source, shard),
    onFault: (error) => logger.warn({ source, shard, error }, 'audit events wait; trying again'),
    onLost: (first, last) =>
      logger.error({ source, shard, first, last }, 'audit events are gone from their source'),
  });
}
