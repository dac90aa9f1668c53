import { covers } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import {
  invitationExpiry,
  invitationPath,
  mintInvitationToken,
  renderInvitation,
} from '../domain/people/invitation.js';
import { invitationLetter } from '../domain/people/letters.js';
import { requireRoleWithin } from '../domain/people/roles.js';
import { notFound } from '../domain/principal.js';
import { PublicAddress } from '../domain/public-address.js';
import { Mail } from '../people/mail.js';
import { type InvitationRecord, InvitationRecords } from '../storage/invitation-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { MemberRecords } from '../storage/member-records.js';

type Operation = typeof identity.createInvitation;

/** POST /v1/invitations: the link is in this answer and in the letter, and kept nowhere. */
@Injectable()
export class CreateInvitation {
  constructor(
    private readonly members: MemberRecords,
    private readonly invitations: InvitationRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly address: PublicAddress,
    private readonly mail: Mail,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const { id: invitedBy, scopes } = principalOf(context);
    requireRoleWithin(body.role, scopes, covers);
    let written: { invitation: InvitationRecord; workspaceName: string; url: string } | undefined;
    const answer = await this.writes.run(context, async (transaction) => {
      const workspaceName = await this.members.lockPeople(transaction, workspaceId);
      if (workspaceName === undefined) throw notFound();
      if (await this.members.hasAddress(transaction, workspaceId, body.email)) throw isMember(body.email);
      const now = this.clock.second();
      const { token, tokenHash } = mintInvitationToken();
      const wanted = { workspaceId, tokenHash, ...body, invitedBy, expiresAt: invitationExpiry(now) };
      const invitation = await this.invitations.insert(transaction, wanted, now);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'member.invited',
        subject: `invitation:${invitation.id}`,
        details: { role: body.role },
      });
      const url = this.address.at(invitationPath(token));
      written = { invitation, workspaceName, url };
      return jsonAnswer({ ...renderInvitation(invitation, now), url }, 201);
    });
    // A retry is answered with the link and without a second letter.
    if (written) this.mail.send(letterOf(written));
    return answer;
  }
}

function letterOf({
  invitation,
  workspaceName,
  url,
}: {
  invitation: InvitationRecord;
  workspaceName: string;
  url: string;
}) {
  const { email, role, expiresAt } = invitation;
  return invitationLetter({ email, role, workspaceName, url, expiresAt: shown(expiresAt) });
}

function isMember(email: string): ProblemError {
  return new ProblemError('conflict', `${email} is a member already. Change the role there instead.`);
}
