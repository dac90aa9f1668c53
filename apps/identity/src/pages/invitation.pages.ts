import { ProblemError } from '@magistry/errors';
import { Injectable } from '@nestjs/common';
import { AcceptInvitation } from '../operations/accept-invitation.js';
import { LogIn } from '../operations/log-in.js';
import type { Account } from '../storage/account-store.js';
import type { OpenInvitation } from '../storage/invitation-store.js';
import { BrowserLogins } from './browser-logins.js';
import type { Refused } from './views/form.js';
import { acceptByLoginView, acceptBySignUpView, acceptView, forSomebodyElseView } from './views/people.js';
import { orAgain, type PageAnswer, type PageShown, route, typed, type Visit } from './visit.js';

const PATH = '/oauth/invitations/:token';

/** Where the link of an invitation leads: to join by logging in, by signing up, or at once. */
@Injectable()
export class InvitationPages {
  readonly routes = [
    route('GET', PATH, async (visit) => this.show(visit, await this.invitationOf(visit))),
    route('POST', PATH, (visit) => this.take(visit)),
  ];

  constructor(
    private readonly invitations: AcceptInvitation,
    private readonly logIn: LogIn,
    private readonly logins: BrowserLogins,
  ) {}

  private async show(visit: Visit, invitation: OpenInvitation, refused?: Refused): Promise<PageShown> {
    const account = await this.logins.current(visit);
    const frame = account && { email: account.email, formToken: visit.formToken };
    const action = `/oauth/invitations/${tokenOf(visit)}`;
    const page = { action, formToken: visit.formToken, typed: visit.form, refused, invitation };
    const title = `Join ${invitation.workspaceName}`;
    if (!account) {
      const view = invitation.hasAccount ? acceptByLoginView : acceptBySignUpView;
      return { title, body: view(page) };
    }
    const isTheirs = account.email === invitation.email;
    const body = isTheirs ? acceptView(page) : forSomebodyElseView(invitation, account.email);
    return { title, frame, body };
  }

  private async take(visit: Visit): Promise<PageAnswer> {
    const invitation = await this.invitationOf(visit);
    const join = async () => {
      await this.join(visit, invitation);
      return { redirectTo: '/oauth/account' };
    };
    return orAgain(visit, join, (refused) => this.show(visit, invitation, refused));
  }

  private async join(visit: Visit, invitation: OpenInvitation): Promise<void> {
    const answer = typed(visit, 'answer');
    if (answer === 'signup') {
      const wanted = { name: typed(visit, 'name'), password: typed(visit, 'password') };
      await this.logins.begin(visit, await this.invitations.signUp(tokenOf(visit), wanted));
      return;
    }
    const account = answer === 'login' ? await this.loggedIn(visit, invitation) : await this.known(visit);
    await this.invitations.accept(tokenOf(visit), account);
  }

  private async loggedIn(visit: Visit, { email }: OpenInvitation): Promise<Account> {
    const password = typed(visit, 'password');
    const account = await this.logIn.execute({ email, password, address: visit.address });
    await this.logins.begin(visit, account);
    return account;
  }

  private async known(visit: Visit): Promise<Account> {
    const account = await this.logins.current(visit);
    if (account) return account;
    throw new ProblemError('unauthorized', 'You are not logged in any more. Log in to accept.');
  }

  private invitationOf(visit: Visit): Promise<OpenInvitation> {
    return this.invitations.find(tokenOf(visit));
  }
}

function tokenOf({ params }: Visit): string {
  return encodeURIComponent(params['token'] ?? '');
}
