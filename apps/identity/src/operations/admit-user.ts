import { emailAddress, type identity, ROLES } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Clock } from '../domain/clock.js';
import { check, name, rowId } from '../domain/fields.js';
import { newPassword } from '../domain/people/password.js';
import { userActor } from '../domain/people/user.js';
import { Revocations } from '../oauth/revocations.js';
import { Passwords } from '../people/passwords.js';
import { AccountStore } from '../storage/account-store.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { MembershipStore } from '../storage/membership-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.admitUser;

const FIELDS = { email: emailAddress, name, password: newPassword, workspaceId: rowId, role: z.enum(ROLES) };

/** A member with a password that somebody else chose; again, for a member who has lost it. */
@Injectable()
export class AdmitUser {
  constructor(
    private readonly across: AcrossWorkspaces,
    private readonly workspaces: WorkspaceStore,
    private readonly accounts: AccountStore,
    private readonly memberships: MembershipStore,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
    private readonly revocations: Revocations,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    const account = { ...asked, passwordHash: await this.passwords.hash(asked.password) };
    const now = this.clock.second();
    const { userId, isKnown } = await this.across.transaction(async (transaction) => {
      const created = await this.accounts.create(transaction, account, now);
      const id = created ?? (await this.accounts.replace(transaction, account));
      const place = { userId: id, workspaceId: workspace.id, role: asked.role };
      const told = { ...askedBy(context), workspaceId: workspace.id, subject: userActor(id) };
      const action = created === undefined ? 'password.changed' : 'user.created';
      await this.audit.record(transaction, { ...told, action, details: {} });
      const memberId = await this.memberships.join(transaction, place, now);
      const admitted = { userId: id, isKnown: created === undefined };
      if (memberId === undefined) return admitted;
      const details = { role: asked.role };
      await this.audit.record(transaction, { ...told, action: 'member.joined', details });
      return admitted;
    });
    // What was let in with the former password is out.
    if (isKnown) await this.revocations.endOfAccount(String(userId));
    return { userId };
  }
}
