import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound, pathId } from '../domain/principal.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.revokePartnerKey;

/** DELETE /v1/partners/:slug/keys/:key: refused by every gateway within a second. */
@Injectable()
export class RevokePartnerKey {
  constructor(
    private readonly partners: PartnerStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, params: { slug, key } }: PublicRequest<Operation>): Promise<Answer> {
    const keyId = pathId(key);
    const answer = await this.writes.run(context, async (transaction) => {
      const partner = await this.partners.lockOwn(transaction, slug, workspaceOf(context).id);
      const now = this.clock.second();
      if (!partner || !(await this.partners.revokeKey(transaction, partner.id, keyId, now))) throw notFound();
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'api_key.revoked',
        subject: `key:${keyId}`,
        details: { partner: slug },
      });
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
