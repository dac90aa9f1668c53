import { identity } from '@magistry/contracts';
import { type CallRequest, Handles, type PublicRequest } from '@magistry/messaging';
import { Controller } from '@nestjs/common';
import { AdmitUser } from './operations/admit-user.js';
import { CreateInvitation } from './operations/create-invitation.js';
import { ListInvitations } from './operations/list-invitations.js';
import { ListMembers } from './operations/list-members.js';
import { RemoveMember } from './operations/remove-member.js';
import { UpdateMember } from './operations/update-member.js';
import { WithdrawInvitation } from './operations/withdraw-invitation.js';

/** Who is in a workspace, and who is invited. */
@Controller()
export class PeopleController {
  constructor(
    private readonly listMembersOperation: ListMembers,
    private readonly updateMemberOperation: UpdateMember,
    private readonly removeMemberOperation: RemoveMember,
    private readonly createInvitationOperation: CreateInvitation,
    private readonly listInvitationsOperation: ListInvitations,
    private readonly withdrawInvitationOperation: WithdrawInvitation,
    private readonly admitUserOperation: AdmitUser,
  ) {}

  @Handles(identity.listMembers)
  listMembers(request: PublicRequest<typeof identity.listMembers>) {
    return this.listMembersOperation.execute(request);
  }

  @Handles(identity.updateMember)
  updateMember(request: PublicRequest<typeof identity.updateMember>) {
    return this.updateMemberOperation.execute(request);
  }

  @Handles(identity.removeMember)
  removeMember(request: PublicRequest<typeof identity.removeMember>) {
    return this.removeMemberOperation.execute(request);
  }

  @Handles(identity.createInvitation)
  createInvitation(request: PublicRequest<typeof identity.createInvitation>) {
    return this.createInvitationOperation.execute(request);
  }

  @Handles(identity.listInvitations)
  listInvitations(request: PublicRequest<typeof identity.listInvitations>) {
    return this.listInvitationsOperation.execute(request);
  }

  @Handles(identity.withdrawInvitation)
  withdrawInvitation(request: PublicRequest<typeof identity.withdrawInvitation>) {
    return this.withdrawInvitationOperation.execute(request);
  }

  @Handles(identity.admitUser)
  admitUser(request: CallRequest<typeof identity.admitUser>) {
    return this.admitUserOperation.execute(request);
  }
}
