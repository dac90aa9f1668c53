import { forgetAuditEvents } from '@magistry/outbox';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { AgentStore } from './agent-store.js';
import { Database } from './database.js';

const EVERY_MS = 10 * 60 * 1_000;
/** Longer than any run may take: none needs a removed agent's key after that. */
const REMOVED_AGENTS_KEPT_MS = 15 * 60 * 1_000;

/** What must stay of removed agents: that they hide what the platform ships under these slugs. */
export class ShippedSlugs {
  constructor(readonly slugs: readonly string[]) {}
}

/** Removes what has served its time: first answers, published audit events, removed agents and their models' keys. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('housekeeping');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly agents: AgentStore,
    private readonly shipped: ShippedSlugs,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      // What could not be removed now is found the next time.
      this.deleteExpired().catch((error) => this.logger.warn(error));
    }, EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async deleteExpired(): Promise<void> {
    const text = 'DELETE FROM idempotency WHERE expires_at <= $1';
    await this.database.across.query({ text, values: [this.clock.date()] });
    await forgetAuditEvents(this.database.across, this.clock.now());
    const before = new Date(this.clock.now() - REMOVED_AGENTS_KEPT_MS);
    await this.agents.forgetRemoved(before, this.shipped.slugs);
  }
}
