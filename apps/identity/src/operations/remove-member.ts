import { covers } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { requireAnOwner, requireRoleWithin } from '../domain/people/roles.js';
import { userActor } from '../domain/people/user.js';
import { notFound, pathId } from '../domain/principal.js';
import { Revocations } from '../oauth/revocations.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { type MemberRecord, MemberRecords } from '../storage/member-records.js';

type Operation = typeof identity.removeMember;

/** DELETE /v1/members/:member: also how somebody leaves. Their tokens open nothing here within a second. */
@Injectable()
export class RemoveMember {
  constructor(
    private readonly members: MemberRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly revocations: Revocations,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const { id: workspaceId } = workspaceOf(context);
    const { scopes } = principalOf(context);
    let removed: MemberRecord | undefined;
    const answer = await this.writes.run(context, async (transaction) => {
      await this.members.lockPeople(transaction, workspaceId);
      const member = await this.members.find(transaction, workspaceId, pathId(params.member));
      if (!member) throw notFound();
      requireRoleWithin(member.role, scopes, covers);
      requireAnOwner(member.role, undefined, await this.members.countOwners(transaction, workspaceId));
      await this.members.remove(transaction, member.id, this.clock.second());
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'member.removed',
        subject: userActor(member.userId),
        details: { role: member.role },
      });
      removed = member;
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    // They open nothing without the membership, and shall not when the person comes back.
    if (removed) await this.revocations.endOfAccount(String(removed.userId), workspaceId);
    return answer;
  }
}
