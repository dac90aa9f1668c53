import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound, partnerActor } from '../domain/principal.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.uninstallPartner;

/**
 * DELETE /v1/partners/:slug/install: from then on this workspace is 404 to the partner, on every gateway within a
 * second. What was let in before ends as it would have. Where nothing is installed, nothing is left to do: 204.
 */
@Injectable()
export class UninstallPartner {
  constructor(
    private readonly partners: PartnerStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, params: { slug } }: PublicRequest<Operation>): Promise<Answer> {
    const workspaceId = workspaceOf(context).id;
    const answer = await this.writes.run(context, async (transaction) => {
      const partnerId = await this.partners.findId(slug);
      if (partnerId === undefined) throw notFound();
      const now = this.clock.second();
      if (!(await this.partners.uninstall(transaction, partnerId, workspaceId, now))) return NO_CONTENT;
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'partner.uninstalled',
        subject: partnerActor(slug),
        details: {},
      });
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
