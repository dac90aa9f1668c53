import { covers } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { renderMember } from '../domain/people/render-member.js';
import { requireAnOwner, requireRoleWithin } from '../domain/people/roles.js';
import { userActor } from '../domain/people/user.js';
import { notFound, pathId } from '../domain/principal.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { MemberRecords } from '../storage/member-records.js';

type Operation = typeof identity.updateMember;

/** PATCH /v1/members/:member: what their tokens may do follows within a second. */
@Injectable()
export class UpdateMember {
  constructor(
    private readonly members: MemberRecords,
    private readonly writes: KeyedWrites,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const { id: workspaceId } = workspaceOf(context);
    const { scopes } = principalOf(context);
    const answer = await this.writes.run(context, async (transaction) => {
      await this.members.lockPeople(transaction, workspaceId);
      const member = await this.members.find(transaction, workspaceId, pathId(params.member));
      if (!member) throw notFound();
      for (const role of [member.role, body.role]) requireRoleWithin(role, scopes, covers);
      const owners = await this.members.countOwners(transaction, workspaceId);
      requireAnOwner(member.role, body.role, owners);
      await this.members.setRole(transaction, member.id, body.role);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'member.role_changed',
        subject: userActor(member.userId),
        details: { before: member.role, after: body.role },
      });
      return jsonAnswer(renderMember({ ...member, role: body.role }));
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
