import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { OAuthGrantStore } from '../storage/oauth-grant-store.js';

const ID_BYTES = 16;
/** The absolute life of a family, however often it is refreshed (design: gateway.md section 8, rule 9). */
const LIFE_MS = 180 * 24 * 60 * 60 * 1_000;

/** What a person answered when an application asked. */
export interface Consent {
  readonly accountId: string;
  readonly clientId: string;
  /** Where the application may act. */
  readonly workspaceId: number;
  readonly granted: readonly string[];
  /** Asked for and not granted; the application is not asked again about them. */
  readonly refused: readonly string[];
}

/** One authorization is one family of tokens: it is made anew each time, so that one's reuse ends no other. */
@Injectable()
export class Authorizations {
  constructor(
    private readonly grants: OAuthGrantStore,
    private readonly clock: Clock,
  ) {}

  /** Returns the grant's id, for the interaction's result `{consent: {grantId}}`. */
  consent({ accountId, clientId, workspaceId, granted, refused }: Consent): Promise<string> {
    const rejected = refused.length > 0 && { rejected: { openid: { scope: refused.join(' ') } } };
    const payload = { openid: { scope: granted.join(' ') }, ...rejected };
    return this.save({ accountId, clientId, workspaceId, payload });
  }

  /** The same again, for another code of the same person and application; undefined when it was withdrawn. */
  async renew(grantId: string): Promise<string | undefined> {
    const earlier = await this.grants.find(grantId);
    return earlier && this.save(earlier);
  }

  /** When the person logs out there, the family ends. */
  async bindToLogin(grantId: string, sessionUid: string): Promise<void> {
    await this.grants.bindToLogin(grantId, sessionUid);
  }

  private async save(wanted: Omit<Consent, 'granted' | 'refused'> & { payload: object }): Promise<string> {
    const { accountId, clientId, workspaceId, payload } = wanted;
    const id = randomBytes(ID_BYTES).toString('base64url');
    const nowUnixMs = this.clock.now();
    const expiresAt = new Date(nowUnixMs + LIFE_MS);
    const times = { iat: Math.floor(nowUnixMs / 1_000), exp: Math.floor(expiresAt.getTime() / 1_000) };
    const written = { ...payload, ...times, kind: 'Grant', accountId, clientId };
    await this.grants.save({ id, workspaceId, accountId, clientId, expiresAt, payload: written });
    return id;
  }
}
