import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound } from '../domain/principal.js';
import { serviceCredentialId } from '../domain/service-credential.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { ServiceCredentialRecords } from '../storage/service-credential-records.js';

type Operation = typeof identity.revokeServiceCredential;

/** DELETE /v1/service-credentials/:id: none of its tokens opens anything any more. */
@Injectable()
export class RevokeServiceCredential {
  constructor(
    private readonly credentials: ServiceCredentialRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = serviceCredentialId(params.id);
    const answer = await this.writes.run(context, async (transaction) => {
      const credential = await this.credentials.lock(transaction, workspaceOf(context).id, id);
      if (!credential) throw notFound();
      const now = this.clock.second();
      await this.credentials.revoke(transaction, id, now);
      await this.credentials.retireKeys(transaction, id, now);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'service_credential.revoked',
        subject: id,
        details: { name: credential.name, kid: credential.kid },
      });
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
