import { mintApiKey } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { notFound, partnerActor } from '../domain/principal.js';
import { requireApproved } from '../domain/sandbox.js';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.issuePartnerKey;

/** POST /v1/partners/:slug/keys: shown in this answer and to a retry of its maker, never again. */
@Injectable()
export class IssuePartnerKey {
  constructor(
    private readonly partners: PartnerStore,
    private readonly keys: ApiKeyStore,
    private readonly writes: KeyedWrites,
    private readonly hasher: KeyHasher,
    private readonly audit: AuditOutbox,
    private readonly clock: Clock,
  ) {}

  async execute({ context, params: { slug } }: PublicRequest<Operation>): Promise<Answer> {
    return this.writes.run(context, async (transaction) => {
      const partner = await this.partners.lockOwn(transaction, slug, workspaceOf(context).id);
      if (!partner) throw notFound();
      requireApproved(slug, partner);
      const now = this.clock.second();
      const key = mintApiKey('mag_live_partner');
      const made = { makerIds: makersOf(principalOf(context)) };
      const id = await this.keys.createForPartner(transaction, partner, this.hasher.seal(key), made);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'partner.key_created',
        subject: partnerActor(slug),
        details: { key: `key:${id}` },
      });
      return jsonAnswer({ id, api_key: key.credential, created_at: shown(now) }, 201);
    });
  }
}
