import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound, pathId } from '../domain/principal.js';
import { ApiKeyRecords } from '../storage/api-key-records.js';
import { KeyedWrites } from '../storage/keyed-writes.js';

type Operation = typeof identity.revokeApiKey;

/** DELETE /api/v1/api-keys/:id: refused by every gateway within a second. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly keys: ApiKeyRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = pathId(params.id);
    const answer = await this.writes.run(context, async (transaction) => {
      const key = await this.keys.lock(transaction, workspaceOf(context).id, id);
      if (!key) throw notFound();
      await this.keys.revoke(transaction, id, this.clock.second());
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'api_key.revoked',
        subject: `key:${id}`,
        details: { name: key.name },
      });
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
