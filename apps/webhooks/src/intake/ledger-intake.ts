import { decisions } from '@magistry/contracts';
import { Caller, type NatsConnection, StreamFollower } from '@magistry/messaging';
import { OutboxConsumer, readBackFrom } from '@magistry/outbox';
import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type InboxParts, LedgerInbox } from './ledger-inbox.js';
import { eventsLost } from './metrics.js';

const FOLLOWER = 'webhooks';

/** Follows every shard of the ledger's events; what the stream leaves out is read back from the ledger's outbox. */
export class LedgerIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('ledger-intake');
  private readonly consumers: readonly OutboxConsumer[];

  constructor(nats: NatsConnection, parts: InboxParts) {
    const caller = new Caller(nats);
    const shards = Array.from({ length: decisions.LEDGER_SHARDS }, (_, shard) => shard);
    this.consumers = shards.map(
      (shard) =>
        new OutboxConsumer({
          openFollower: () => StreamFollower.open(nats, { follower: FOLLOWER, source: 'decisions', shard }),
          readBack: readBackFrom(caller, decisions.readOutbox, { follower: FOLLOWER, shard }),
          inbox: new LedgerInbox(shard, parts),
          onFault: (error) => this.logger.warn(error),
          onLost: (first, last) => this.lost(shard, first, last),
        }),
    );
  }

  onApplicationBootstrap(): void {
    for (const consumer of this.consumers) consumer.start();
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  // A ledger that is older than this service has removed what was before its outbox's week: nobody subscribed then.
  private lost(shard: number, first: number, last: number): void {
    if (first === 1) return;
    eventsLost.inc(last - first + 1);
    this.logger.error(`events ${first} to ${last} of shard ${shard} are gone from the ledger's outbox`);
  }
}
