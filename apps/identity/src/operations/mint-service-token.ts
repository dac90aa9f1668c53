import { covers } from '@magistry/access';
import { type identity, SERVICE_TOKEN_SECONDS } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { requireHeld } from '../domain/grants.js';
import { makersOf } from '../domain/makers.js';
import { notFound } from '../domain/principal.js';
import { serviceCredentialId } from '../domain/service-credential.js';
import { ServiceKeys } from '../service-tokens/service-keys.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { ServiceCredentialRecords } from '../storage/service-credential-records.js';

type Operation = typeof identity.mintServiceToken;

/** POST /v1/service-credentials/:id/mint: whoever gets a token may do no more with it than without. */
@Injectable()
export class MintServiceToken {
  constructor(
    private readonly credentials: ServiceCredentialRecords,
    private readonly keys: ServiceKeys,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = serviceCredentialId(params.id);
    const workspaceId = workspaceOf(context).id;
    const caller = principalOf(context);
    return this.writes.run(context, async (transaction) => {
      const credential = await this.credentials.lock(transaction, workspaceId, id);
      if (!credential) throw notFound();
      if (caller.id !== id) requireHeld(credential.scopes, caller.scopes, covers);
      const owner = { workspaceId, serviceCredentialId: id };
      const granted = { scopes: credential.scopes, makerIds: makersOf(caller, credential) };
      const minted = await this.keys.sign(owner, credential, granted, this.clock.second());
      const expiresAt = shown(minted.expiresAt);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'service_credential.minted',
        subject: id,
        details: { kid: credential.kid, token_id: minted.id, expires_at: expiresAt },
      });
      const token = { token: minted.token, token_type: 'Bearer', expires_in: SERVICE_TOKEN_SECONDS };
      return jsonAnswer({ ...token, expires_at: expiresAt }, 201);
    });
  }
}
