import { mintApiKey } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, limitPerMinute, slug } from '../domain/fields.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.createPartnerKey;

/** A key of an approved partner, good wherever it is installed; shown in this answer and never again. */
@Injectable()
export class CreatePartnerKey {
  constructor(
    private readonly partners: PartnerStore,
    private readonly keys: ApiKeyStore,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
    private readonly hasher: KeyHasher,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check({ slug, limitPerMinute }, message);
    const partner = await this.partners.findApproved(asked.slug);
    if (!partner) throw new ProblemError('not_found', `There is no approved partner ${asked.slug}.`);
    const key = mintApiKey('mag_live_partner');
    const secret = this.hasher.seal(key);
    const makerIds = makersOf(principalOf(context));
    const settings = { makerIds, limitPerMinute: asked.limitPerMinute || undefined };
    const id = await this.across.transaction(async (transaction) => {
      const made = await this.keys.createForPartner(transaction, partner, secret, settings);
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId: partner.workspaceId,
        action: 'partner.key_created',
        subject: `partner:${asked.slug}`,
        details: { key: `key:${made}` },
      });
      return made;
    });
    return { id, key: key.credential };
  }
}
