import { ProblemError } from '@magistry/errors';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { check, name } from '../domain/fields.js';
import { hashInvitationToken } from '../domain/people/invitation.js';
import { newPassword } from '../domain/people/password.js';
import { userActor } from '../domain/people/user.js';
import { Passwords } from '../people/passwords.js';
import { type Account, AccountStore } from '../storage/account-store.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import type { Queryable } from '../storage/database.js';
import { InvitationStore, type OpenInvitation } from '../storage/invitation-store.js';
import { MembershipStore } from '../storage/membership-store.js';

const FIELDS = { name, password: newPassword };

/** Makes whoever an invitation was written to a member: the link works once, for that address. */
@Injectable()
export class AcceptInvitation {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly invitations: InvitationStore,
    private readonly accounts: AccountStore,
    private readonly memberships: MembershipStore,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  /** Throws `not_found` when the link leads nowhere, or no more. */
  async find(token: string): Promise<OpenInvitation> {
    const found = await this.invitations.find(hashInvitationToken(token), new Date(this.clock.now()));
    if (!found) throw leadsNowhere();
    return found;
  }

  /** By somebody who is logged in. Throws `access_denied` when it was written to somebody else. */
  async accept(token: string, account: Account): Promise<OpenInvitation> {
    return this.across.transaction((transaction) => this.join(transaction, token, account));
  }

  /** By somebody without an account, who gets one with the invitation's address: the link was sent there. */
  async signUp(token: string, typed: Record<keyof typeof FIELDS, string>): Promise<Account> {
    const asked = check(FIELDS, typed);
    const { email, workspaceId } = await this.find(token);
    const account = { email, name: asked.name, passwordHash: await this.passwords.hash(asked.password) };
    return this.across.transaction(async (transaction) => {
      const id = await this.accounts.create(transaction, account, this.clock.second());
      if (id === undefined) throw hasAccount(email);
      const actor = userActor(id);
      const told = { workspaceId, actor, subject: actor, details: {} };
      await this.audit.record(transaction, { ...told, action: 'user.created' });
      const created = { id, email, name: asked.name };
      await this.join(transaction, token, created);
      return created;
    });
  }

  private async join(transaction: Queryable, token: string, account: Account): Promise<OpenInvitation> {
    const now = this.clock.second();
    const found = await this.invitations.find(
      hashInvitationToken(token),
      new Date(this.clock.now()),
      transaction,
    );
    if (!found) throw leadsNowhere();
    if (found.email !== account.email) throw forSomebodyElse(found.email);
    if (!(await this.invitations.accept(transaction, found.id, account.id, now))) throw leadsNowhere();
    const { workspaceId, role } = found;
    const memberId = await this.memberships.join(transaction, { userId: account.id, workspaceId, role }, now);
    if (memberId !== undefined) await this.tell(transaction, found, account);
    return found;
  }

  private async tell(transaction: Queryable, { id, workspaceId, role }: OpenInvitation, account: Account) {
    const actor = userActor(account.id);
    await this.audit.record(transaction, {
      ...{ workspaceId, actor, subject: actor },
      action: 'member.joined',
      details: { role, invitation: id },
    });
  }
}

function leadsNowhere(): ProblemError {
  return new ProblemError(
    'not_found',
    'This invitation was accepted or withdrawn, or it has expired. Ask for a new one.',
  );
}

function forSomebodyElse(email: string): ProblemError {
  return new ProblemError('access_denied', `This invitation is for ${email}. Log in with that address.`);
}

function hasAccount(email: string): ProblemError {
  return new ProblemError('conflict', `${email} has an account already. Log in with it.`);
}
