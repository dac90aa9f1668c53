import type { identity } from '@magistry/contracts';
import { type Answer, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound, pathId } from '../domain/principal.js';
import { InvitationRecords } from '../storage/invitation-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof identity.withdrawInvitation;

/** DELETE /v1/invitations/:invitation: an accepted one is a member, and is taken out as one. */
@Injectable()
export class WithdrawInvitation {
  constructor(
    private readonly invitations: InvitationRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const { id: workspaceId } = workspaceOf(context);
    const id = pathId(params.invitation);
    return this.writes.run(context, async (transaction) => {
      const now = this.clock.second();
      if (!(await this.invitations.withdraw(transaction, workspaceId, id, now))) throw notFound();
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'invitation.revoked',
        subject: `invitation:${id}`,
        details: {},
      });
      return NO_CONTENT;
    });
  }
}
