import { EventStream, eventSubject, type NatsConnection } from '@magistry/messaging';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type AcrossWorkspaces, auditOutboxReaders } from './audit-outbox-reader.js';
import { OutboxRelay } from './relay.js';

/**
 * Publishes what a service has recorded for the audit log, on `events.<service>.<shard>`. Every process does, since
 * the stream drops the copies: each relay sends in order, so the first copy of an event comes before the first of its
 * successor.
 */
export class AuditRelays implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('audit-relay');
  private readonly relays: readonly OutboxRelay[];

  constructor(
    nats: NatsConnection,
    across: AcrossWorkspaces,
    { service, shards }: { readonly service: string; readonly shards: number },
  ) {
    this.relays = auditOutboxReaders(across, shards).map(
      (source, shard) =>
        new OutboxRelay({
          subject: eventSubject(service, shard),
          openStream: () => EventStream.open(nats),
          source,
          onFault: (error) => this.logger.warn({ shard, error }, 'audit events wait; trying again'),
        }),
    );
  }

  onApplicationBootstrap(): void {
    for (const relay of this.relays) relay.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.stop()));
  }
}
