import { allows, covers } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { rolesWithin } from '../domain/people/roles.js';
import { CreateInvitation } from '../operations/create-invitation.js';
import { ListInvitations } from '../operations/list-invitations.js';
import { ListMembers } from '../operations/list-members.js';
import { RemoveMember } from '../operations/remove-member.js';
import { UpdateMember } from '../operations/update-member.js';
import { WithdrawInvitation } from '../operations/withdraw-invitation.js';
import { Desk, type Seat } from './desk.js';
import { formKey, pathOf, seated, seatedPage } from './seated.js';
import { type MembersPage, membersView } from './views/members.js';
import { orAgain, type PageAnswer, type PageShown, route, typed } from './visit.js';

const PATH = '/oauth/account/:workspace/members';
const PEOPLE_SHOWN = { limit: '200' };

/** Who is in a workspace and who is invited: invite, change, take out, leave. */
@Injectable()
export class MembersPages {
  readonly routes = [
    route('GET', PATH, (visit) => seated(this.desk, (seat) => this.show(seat))(visit)),
    route('POST', PATH, (visit) => seated(this.desk, (seat) => this.take(seat))(visit)),
  ];

  constructor(
    private readonly desk: Desk,
    private readonly listMembers: ListMembers,
    private readonly listInvitations: ListInvitations,
    private readonly createInvitation: CreateInvitation,
    private readonly withdrawInvitation: WithdrawInvitation,
    private readonly updateMember: UpdateMember,
    private readonly removeMember: RemoveMember,
  ) {}

  private async show(seat: Seat, told: Pick<MembersPage, 'refused' | 'invited'> = {}): Promise<PageShown> {
    const wanted = { query: PEOPLE_SHOWN };
    const members = await this.desk.ask(seat, identity.listMembers, this.listMembers, wanted);
    const invitations = await this.desk.ask(seat, identity.listInvitations, this.listInvitations, wanted);
    const mayManage = allows(seat.scopes, identity.createInvitation.scope);
    const body = membersView({
      ...{ action: pathOf(seat, 'members'), formToken: seat.visit.formToken, formKey },
      ...{ members: members.data, invitations: invitations.data, ...told },
      hasMore: members.has_more || invitations.has_more,
      roles: mayManage ? rolesWithin(seat.scopes, covers) : [],
      ownEmail: seat.account.email,
      typed: seat.visit.form,
    });
    return seatedPage(seat, 'Members', body);
  }

  private take(seat: Seat): Promise<PageAnswer> {
    return orAgain(
      seat.visit,
      () => this.change(seat),
      (refused) => this.show(seat, { refused }),
    );
  }

  private async change(seat: Seat): Promise<PageAnswer> {
    const { visit } = seat;
    const member = { params: { member: typed(visit, 'member') } };
    const role = typed(visit, 'role');
    switch (typed(visit, 'answer')) {
      case 'change':
        await this.desk.ask(seat, identity.updateMember, this.updateMember, { ...member, body: { role } });
        break;
      case 'remove':
        return this.remove(seat, member);
      case 'withdraw': {
        const params = { invitation: typed(visit, 'invitation') };
        await this.desk.ask(seat, identity.withdrawInvitation, this.withdrawInvitation, { params });
        break;
      }
      default: {
        const body = { email: typed(visit, 'email'), role };
        const operation = identity.createInvitation;
        return this.show(seat, {
          invited: await this.desk.ask(seat, operation, this.createInvitation, { body }),
        });
      }
    }
    return { redirectTo: pathOf(seat, 'members') };
  }

  /** Everybody may leave, also who may take nobody else out. */
  private async remove(seat: Seat, asked: { params: { member: string } }): Promise<PageAnswer> {
    if (asked.params.member === String(seat.membership.memberId)) {
      await this.desk.askAnyway(seat, identity.removeMember, this.removeMember, asked);
      return { redirectTo: '/oauth/account' };
    }
    await this.desk.ask(seat, identity.removeMember, this.removeMember, asked);
    return { redirectTo: pathOf(seat, 'members') };
  }
}
