import { EventStream, eventSubject, type NatsConnection } from '@magistry/messaging';
import { OutboxRelay } from '@magistry/outbox';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { auditOutboxReaders } from '../storage/audit-outbox-reader.js';

/**
 * Publishes what is recorded for the audit log. Every process does, since the stream drops the copies: each relay
 * sends in order, so the first copy of an event comes before the first of its successor.
 */
export class AuditRelays implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('audit-relay');
  private readonly relays: readonly OutboxRelay[];

  constructor(nats: NatsConnection, across: AcrossWorkspaces) {
    this.relays = auditOutboxReaders(across).map(
      (source, shard) =>
        new OutboxRelay({
          subject: eventSubject('identity', shard),
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
