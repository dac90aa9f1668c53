import { Injectable } from '@nestjs/common';
import type { Provider } from 'oidc-provider';
import { LOGIN_LIFE_SECONDS } from '../oauth/provider.js';
import { Revocations } from '../oauth/revocations.js';
import { type Account, AccountStore } from '../storage/account-store.js';
import type { Visit } from './visit.js';

const COOKIE = { httpOnly: true, overwrite: true, sameSite: 'lax', signed: true } as const;

/** How a person has shown who they are, for the `amr` of ID tokens (RFC 8176). */
export const BY_PASSWORD = ['pwd'];

/**
 * Who is logged in, in this browser: the session of oidc-provider and no second one, so that whoever is logged in
 * here is logged in for applications too, and out of both at once.
 */
@Injectable()
export class BrowserLogins {
  constructor(
    private readonly accounts: AccountStore,
    private readonly revocations: Revocations,
  ) {}

  async current(visit: Visit): Promise<Account | undefined> {
    const session = await this.find(visit);
    return session?.accountId === undefined ? undefined : this.accounts.find(Number(session.accountId));
  }

  /** Under a new identifier: one that somebody knew before opens nothing now. */
  async begin(visit: Visit, account: Account): Promise<void> {
    const { provider } = visit;
    const accountId = String(account.id);
    let session = await this.find(visit);
    if (session?.accountId === accountId) {
      session.resetIdentifier();
    } else {
      await session?.destroy();
      session = new provider.Session();
    }
    session.loginAccount({ accountId, amr: BY_PASSWORD });
    await session.save(LOGIN_LIFE_SECONDS);
    const expires = new Date(session.exp * 1_000);
    visit.cookies.set(provider.cookieName('session'), session.jti, { ...COOKIE, expires });
  }

  /** Every application that was let in during this login is out too. */
  async end(visit: Visit): Promise<void> {
    const session = await this.find(visit);
    if (!session) return;
    await session.destroy();
    await this.revocations.endLogin(session.uid);
    visit.cookies.set(visit.provider.cookieName('session'), null, COOKIE);
  }

  private async find({ provider, cookies }: Visit): Promise<Session | undefined> {
    const id = cookies.get(provider.cookieName('session'), { signed: true });
    return id === undefined ? undefined : provider.Session.find(id);
  }
}

type Session = InstanceType<Provider['Session']>;
