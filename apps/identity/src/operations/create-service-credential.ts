import { covers, isWellFormedScope } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { ulid } from 'ulid';
import { Clock } from '../domain/clock.js';
import { check, scopeList } from '../domain/fields.js';
import { requireHeld } from '../domain/grants.js';
import { makersOf } from '../domain/makers.js';
import { notFound } from '../domain/principal.js';
import { renderServiceCredential } from '../domain/service-credential.js';
import { ServiceKeys } from '../service-tokens/service-keys.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { ServiceCredentialRecords } from '../storage/service-credential-records.js';

type Operation = typeof identity.createServiceCredential;

/** POST /v1/service-credentials: with a key of its own from the start. */
@Injectable()
export class CreateServiceCredential {
  constructor(
    private readonly credentials: ServiceCredentialRecords,
    private readonly keys: ServiceKeys,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const asked = check({ scopes: scopeList(isWellFormedScope) }, { scopes: body.scopes });
    const scopes = [...new Set(asked.scopes)];
    const caller = principalOf(context);
    requireHeld(scopes, caller.scopes, covers);
    const makerIds = makersOf(caller);
    const { name } = body;
    const workspaceId = workspaceOf(context).id;
    const id = `svc_${ulid(this.clock.now())}`;
    const owner = { workspaceId, serviceCredentialId: id };
    // Before the transaction, which would hold a connection for as long as the key takes.
    const key = await this.keys.make(owner);
    return this.writes.run(context, async (transaction) => {
      const now = this.clock.second();
      const wanted = { id, workspaceId, name, scopes, makerIds };
      if (!(await this.credentials.insert(transaction, wanted, now))) throw notFound();
      await this.credentials.insertKey(transaction, owner, key, now);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'service_credential.created',
        subject: id,
        details: { name, scopes, kid: key.kid },
      });
      return jsonAnswer(renderServiceCredential({ id, name, scopes, kid: key.kid, createdAt: now }), 201);
    });
  }
}
