import { Injectable } from '@nestjs/common';
import { MembershipStore } from '../storage/membership-store.js';
import { BrowserLogins } from './browser-logins.js';
import { LOGGED_OUT } from './seated.js';
import { workspacesView } from './views/account.js';
import { type PageAnswer, route, type Visit } from './visit.js';

/** The way into the account: to one's only workspace, or to choose one. */
@Injectable()
export class AccountPages {
  readonly routes = [
    route('GET', '/oauth/account', (visit) => this.show(visit)),
    route('POST', '/oauth/account/logout', (visit) => this.logOut(visit)),
  ];

  constructor(
    private readonly logins: BrowserLogins,
    private readonly memberships: MembershipStore,
  ) {}

  private async show(visit: Visit): Promise<PageAnswer> {
    const account = await this.logins.current(visit);
    if (!account) return LOGGED_OUT;
    const memberships = await this.memberships.list(account.id);
    const [only, second] = memberships;
    if (only && !second) return { redirectTo: `/oauth/account/${only.workspace.slug}/keys` };
    const frame = { email: account.email, formToken: visit.formToken };
    return { title: 'Your workspaces', frame, body: workspacesView(memberships) };
  }

  private async logOut(visit: Visit): Promise<PageAnswer> {
    await this.logins.end(visit);
    return LOGGED_OUT;
  }
}
