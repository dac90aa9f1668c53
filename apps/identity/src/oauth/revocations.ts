import { identity } from '@magistry/contracts';
import { Broadcaster } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { OAuthGrantStore } from '../storage/oauth-grant-store.js';
import type { Payload } from '../storage/oauth-record-store.js';
import { OAuthTokenStore } from '../storage/oauth-token-store.js';

export type RevocationReason = 'revoked' | 'code_reused' | 'refresh_reused' | 'logged_out' | 'withdrawn';

/** Ends families and tokens: refused by every gateway within a second. */
@Injectable()
export class Revocations {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly grants: OAuthGrantStore,
    private readonly tokens: OAuthTokenStore,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
  ) {}

  /** What oidc-provider knows of a grant that lives. */
  async findLiving(grantId: string): Promise<Payload | undefined> {
    return (await this.grants.find(grantId))?.payload;
  }

  /** The family with every token of it. */
  async end(grantId: string, reason: RevocationReason): Promise<void> {
    if (await this.grants.revoke(this.across, grantId, reason, this.now())) this.tellGateways();
  }

  /** Every family of a login. */
  async endLogin(sessionUid: string): Promise<void> {
    await this.grants.revokeOfLogin(this.across, sessionUid, this.now());
    this.tellGateways();
  }

  /** Every family of a person, or what that person let applications do in one workspace. */
  async endOfAccount(accountId: string, workspaceId?: number): Promise<void> {
    await this.grants.revokeOfAccount(this.across, accountId, workspaceId, this.now());
    this.tellGateways();
  }

  async endAccessToken(value: string): Promise<void> {
    if (await this.tokens.remove(value)) this.tellGateways();
  }

  /** After the commit. */
  tellGateways(): void {
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}
