import { identity } from '@magistry/contracts';
import { Broadcaster } from '@magistry/messaging';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Provider } from 'oidc-provider';
import { Clock } from '../domain/clock.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import type { Queryable } from '../storage/database.js';
import { OAuthGrantStore, type RevokedFamily } from '../storage/oauth-grant-store.js';
import type { Payload } from '../storage/oauth-record-store.js';
import { OAuthTokenStore } from '../storage/oauth-token-store.js';

export type RevocationReason = 'revoked' | 'code_reused' | 'refresh_reused' | 'logged_out' | 'withdrawn';

const REUSES: readonly RevocationReason[] = ['code_reused', 'refresh_reused'];

/** Ends families and tokens: refused by every gateway within a second, and told to the audit log. */
@Injectable()
export class Revocations {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly grants: OAuthGrantStore,
    private readonly tokens: OAuthTokenStore,
    private readonly audit: AuditOutbox,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
  ) {}

  /** What oidc-provider knows of a grant that lives. */
  async findLiving(grantId: string): Promise<Payload | undefined> {
    return (await this.grants.find(grantId))?.payload;
  }

  /** The family with every token of it. */
  end(grantId: string, reason: RevocationReason): Promise<void> {
    return this.endThose(reason, (on, now) => this.grants.revoke(on, grantId, reason, now));
  }

  /** Every family of a login. */
  endLogin(sessionUid: string): Promise<void> {
    return this.endThose('logged_out', (on, now) => this.grants.revokeOfLogin(on, sessionUid, now));
  }

  /** Every family of a person, or what that person let applications do in one workspace. */
  endOfAccount(accountId: string, workspaceId?: number): Promise<void> {
    const revoke = (on: Queryable, now: Date) => this.grants.revokeOfAccount(on, accountId, workspaceId, now);
    return this.endThose('withdrawn', revoke);
  }

  async endAccessToken(value: string): Promise<void> {
    if (await this.tokens.remove(value)) this.tellGateways();
  }

  /** In the transaction that ends it. */
  async record(on: Queryable, family: RevokedFamily, reason: RevocationReason): Promise<void> {
    const request = Provider.ctx;
    await this.audit.record(on, {
      workspaceId: family.workspaceId,
      action: REUSES.includes(reason) ? 'token.reuse_detected' : 'token.revoked',
      actor: `client:${family.clientId}`,
      subject: `grant:${family.id}`,
      details: { reason },
      requestId: request?.get('x-request-id') || undefined,
      address: request?.ip,
    });
  }

  private async endThose(
    reason: RevocationReason,
    revoke: (on: Queryable, now: Date) => Promise<RevokedFamily[]>,
  ): Promise<void> {
    const now = new Date(this.clock.now());
    const ended = await this.across.transaction(async (transaction) => {
      const families = await revoke(transaction, now);
      for (const family of families) await this.record(transaction, family, reason);
      return families.length;
    });
    if (ended > 0) this.tellGateways();
  }

  /** After the commit. */
  tellGateways(): void {
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
  }
}
