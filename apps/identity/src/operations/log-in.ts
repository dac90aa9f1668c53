import { emailAddress } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { tooManyFailures } from '../domain/people/login-limit.js';
import { typedPassword } from '../domain/people/password.js';
import { userActor } from '../domain/people/user.js';
import { LoginSubjects } from '../people/login-subjects.js';
import { Passwords } from '../people/passwords.js';
import { type Account, AccountStore } from '../storage/account-store.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { LoginFailures } from '../storage/login-failures.js';

export interface TypedLogin {
  readonly email: string;
  readonly password: string;
  /** Where the request came from. */
  readonly address: string;
}

/**
 * A person by address and password. Whether there is such an account makes no difference to what is answered, nor to
 * how long that takes.
 */
@Injectable()
export class LogIn {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly accounts: AccountStore,
    private readonly failures: LoginFailures,
    private readonly subjects: LoginSubjects,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  /** Throws `unauthorized`, or `rate_limit_exceeded` from the tenth failure of the account or address on. */
  async execute({ email: typed, password, address }: TypedLogin): Promise<Account> {
    const now = new Date(this.clock.now());
    const email = emailAddress.safeParse(typed).data;
    const subjects = [this.subjects.account(email ?? typed), this.subjects.address(address)];
    const attempt = await this.failures.begin(subjects, now);
    // What is no address is looked for too, as one that nobody has.
    const account = await this.accounts.findByEmail(email ?? '');
    const matches = await this.passwords.matches(typedPassword(password), account?.passwordHash);
    const succeeded = account !== undefined && matches;
    // Whoever it was that nobody knows is not written down.
    const subject = account ? userActor(account.id) : 'user:unknown';
    await this.across.transaction(async (transaction) => {
      if (succeeded) await this.failures.takeBack(transaction, attempt);
      await this.audit.record(transaction, {
        ...{ workspaceId: null, actor: subject, subject, address, details: {} },
        action: succeeded ? 'login.succeeded' : 'login.failed',
      });
    });
    if (succeeded) {
      return { id: account.id, email: account.email, name: account.name };
    }
    if (attempt.isLast) throw tooManyFailures(attempt.oldestAt, now);
    throw new ProblemError('unauthorized', 'There is no account with this address and password.');
  }
}
