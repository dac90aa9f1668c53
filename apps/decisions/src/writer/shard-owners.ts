import type { NatsConnection } from '@magistry/messaging';
import type { Logger } from '@magistry/telemetry';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Housekeeping } from '../storage/across/housekeeping.js';
import type { LedgerDatabase } from '../storage/ledger-database.js';
import { watchShard } from './metrics.js';
import type { ShardOwner } from './shard-owner.js';

const HOUSEKEEPING_EVERY_MS = 10 * 60 * 1_000;

/** Without NATS no command arrives; another process that has it should then hold the shards. */
const NATS_ABSENCE_MAX_MS = 3_000;

/** This process's share of the ledger: it strives for every shard, and gives all back when it stops. */
export class ShardOwners implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private housekeepingTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly owners: readonly ShardOwner[],
    private readonly housekeeping: Housekeeping,
    private readonly options: {
      nats: NatsConnection;
      database: LedgerDatabase;
      logger: Logger;
      now: () => number;
    },
  ) {}

  onApplicationBootstrap(): void {
    for (const owner of this.owners) {
      watchShard(owner);
      owner.start();
    }
    void this.watchNats();
    this.housekeepingTimer = setInterval(() => void this.keepHouse(), HOUSEKEEPING_EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.housekeepingTimer);
    await Promise.all(this.owners.map((owner) => owner.stop()));
    await this.options.database.close();
  }

  private async watchNats(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    for await (const status of this.options.nats.status()) {
      if (status.type === 'disconnect') {
        timer ??= setTimeout(() => {
          for (const owner of this.owners) owner.release();
        }, NATS_ABSENCE_MAX_MS);
      }
      if (status.type !== 'reconnect') continue;
      clearTimeout(timer);
      timer = undefined;
    }
  }

  private async keepHouse(): Promise<void> {
    try {
      await this.housekeeping.deleteExpired(this.options.now());
    } catch (error) {
      this.options.logger.warn({ error }, 'expired rows could not be deleted; trying again later');
    }
  }
}
