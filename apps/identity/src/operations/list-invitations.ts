import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { renderInvitation } from '../domain/people/invitation.js';
import { afterIdOf, cursorPage } from '../domain/people/list-cursor.js';
import { InvitationRecords } from '../storage/invitation-records.js';

type Operation = typeof identity.listInvitations;

/** GET /v1/invitations: all that were written, without their links. */
@Injectable()
export class ListInvitations {
  constructor(
    private readonly invitations: InvitationRecords,
    private readonly clock: Clock,
  ) {}

  async execute({ context, query }: PublicRequest<Operation>): Promise<Answer> {
    const page = { afterId: afterIdOf(query.cursor), limit: query.limit };
    const found = await this.invitations.list(workspaceOf(context).id, page);
    const now = new Date(this.clock.now());
    return jsonAnswer(cursorPage(found, page.afterId, (row) => renderInvitation(row, now)));
  }
}
