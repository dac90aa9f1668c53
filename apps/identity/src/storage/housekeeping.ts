import { forgetAuditEvents } from '@magistry/outbox';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import { Database } from './database.js';
import { LoginFailures } from './login-failures.js';
import { OAuthExpiry } from './oauth-expiry.js';

const EVERY_MS = 10 * 60 * 1_000;
const NOTES_KEPT_MS = 35 * 24 * 60 * 60 * 1_000;

/**
 * Removes what has served its time: answers of keyed writes after 24 hours, published events after 7 days, notes on
 * usage after 35, logins that failed.
 */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('housekeeping');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly across: AcrossWorkspaces,
    private readonly loginFailures: LoginFailures,
    private readonly oauth: OAuthExpiry,
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
    const now = this.clock.now();
    const values = (before: number) => [new Date(before)];
    await this.database.query({
      text: 'DELETE FROM idempotency WHERE expires_at <= $1',
      values: values(now),
    });
    await this.database.query({
      text: 'DELETE FROM usage_note WHERE recorded_at < $1',
      values: values(now - NOTES_KEPT_MS),
    });
    await forgetAuditEvents(this.across, now);
    await this.loginFailures.removeExpired(new Date(now));
    await this.oauth.removeExpired(new Date(now));
  }
}
