import { emailAddress } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { check, name } from '../domain/fields.js';
import { newPassword } from '../domain/people/password.js';
import { userActor } from '../domain/people/user.js';
import { slugFrom } from '../domain/slug.js';
import { Passwords } from '../people/passwords.js';
import { type Account, AccountStore } from '../storage/account-store.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import type { Queryable } from '../storage/database.js';
import { MembershipStore } from '../storage/membership-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';
import { LogIn } from './log-in.js';

const FIELDS = { email: emailAddress, name, password: newPassword, workspace: name };

/** An account with a workspace of its own, which it owns. */
@Injectable()
export class SignUp {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly accounts: AccountStore,
    private readonly workspaces: WorkspaceStore,
    private readonly memberships: MembershipStore,
    private readonly passwords: Passwords,
    private readonly logIn: LogIn,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  /**
   * Throws `validation_failed` with the fields that are wrong, an address that has an account included: without a
   * mail to confirm there is no way not to tell. Who says the password too is logged in, so that a retry does no harm.
   */
  async execute(typed: Record<keyof typeof FIELDS | 'address', string>): Promise<Account> {
    const asked = check(FIELDS, typed);
    const { email, name: personName, password } = asked;
    const account = { email, name: personName, passwordHash: await this.passwords.hash(password) };
    const id = await this.across.transaction(async (transaction) => {
      const userId = await this.accounts.create(transaction, account, this.clock.second());
      if (userId !== undefined) await this.open(transaction, userId, { ...typed, name: asked.workspace });
      return userId;
    });
    if (id !== undefined) return { id, email, name: personName };
    return this.logIn.execute({ email, password, address: typed.address }).catch(explainTaken);
  }

  private async open(
    transaction: Queryable,
    userId: number,
    { name: workspaceName, address }: { name: string; address: string },
  ): Promise<void> {
    const now = this.clock.second();
    const wanted = { name: workspaceName, tier: 'free' } as const;
    const stem = slugFrom(workspaceName);
    const on = transaction;
    const { id: workspaceId } = await this.workspaces.createUnderFreeSlug(wanted, stem, now, on, on);
    await this.memberships.join(transaction, { userId, workspaceId, role: 'owner' }, now);
    const actor = userActor(userId);
    const told = { workspaceId, actor, subject: actor, address, details: {} };
    await this.audit.record(transaction, { ...told, action: 'user.created' });
    const subject = `workspace:${workspaceId}`;
    await this.audit.record(transaction, { ...told, subject, details: wanted, action: 'workspace.created' });
  }
}

function explainTaken(error: unknown): never {
  if (!(error instanceof ProblemError) || error.code !== 'unauthorized') throw error;
  const message = 'has an account already: log in with it, or sign up with another address';
  const errors = [{ path: 'email', code: 'taken', message }];
  throw new ProblemError('validation_failed', 'This address has an account already.', { errors });
}
