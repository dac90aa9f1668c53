import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { notFound } from '../domain/principal.js';
import { renderServiceCredential, serviceCredentialId } from '../domain/service-credential.js';
import { ServiceKeys } from '../service-tokens/service-keys.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { ServiceCredentialRecords } from '../storage/service-credential-records.js';

type Operation = typeof identity.rotateServiceCredential;

const MINUTE_MS = 60 * 1_000;

/** POST /v1/service-credentials/:id/rotate: the same principal under a new key; the old one's tokens end. */
@Injectable()
export class RotateServiceCredential {
  constructor(
    private readonly credentials: ServiceCredentialRecords,
    private readonly keys: ServiceKeys,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const id = serviceCredentialId(params.id);
    const workspaceId = workspaceOf(context).id;
    const owner = { workspaceId, serviceCredentialId: id };
    const key = await this.keys.make(owner);
    const answer = await this.writes.run(context, async (transaction) => {
      const credential = await this.credentials.lock(transaction, workspaceId, id);
      if (!credential) throw notFound();
      const now = this.clock.second();
      const retiresAt = new Date(now.getTime() + body.grace_minutes * MINUTE_MS);
      await this.credentials.retireKeys(transaction, id, retiresAt);
      await this.credentials.insertKey(transaction, owner, key, now);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'service_credential.rotated',
        subject: id,
        details: { from_kid: credential.kid, to_kid: key.kid, grace_ends_at: shown(retiresAt) },
      });
      return jsonAnswer(renderServiceCredential({ ...credential, kid: key.kid }));
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
