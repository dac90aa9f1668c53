import { mintApiKey } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { check, limitPerMinute, slug } from '../domain/fields.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { PartnerStore } from '../storage/partner-store.js';

type Operation = typeof identity.createPartnerKey;

/** A key of an approved partner, good wherever it is installed; shown in this answer and never again. */
@Injectable()
export class CreatePartnerKey {
  constructor(
    private readonly partners: PartnerStore,
    private readonly keys: ApiKeyStore,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check({ slug, limitPerMinute }, message);
    const partner = await this.partners.findApproved(asked.slug);
    if (!partner) throw new ProblemError('not_found', `There is no approved partner ${asked.slug}.`);
    const key = mintApiKey('mag_live_partner');
    const settings = { now: this.clock.second(), limitPerMinute: asked.limitPerMinute || null };
    const id = await this.keys.createForPartner(partner, this.hasher.seal(key), settings);
    return { id, key: key.credential };
  }
}
