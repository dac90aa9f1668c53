import { isWellFormedScope } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, email, orAbsent, scopeList, slug } from '../domain/fields.js';
import { requireNoReservedSlug, slugTaken } from '../domain/partner-slug.js';
import { partnerActor } from '../domain/principal.js';
import { refuseFromSandbox } from '../domain/sandbox.js';
import { firstFreeSlug, slugFrom } from '../domain/slug.js';
import type { Queryable } from '../storage/database.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { type NewPartner, PartnerStore } from '../storage/partner-store.js';
import { SandboxStore } from '../storage/sandbox-store.js';

type Operation = typeof identity.applyAsPartner;

const FIELDS = { slug: orAbsent(slug), contact_email: email, scopes: scopeList(isWellFormedScope) };

/** POST /v1/partners: approved at once; an operator can suspend it. */
@Injectable()
export class ApplyAsPartner {
  constructor(
    private readonly partners: PartnerStore,
    private readonly sandboxes: SandboxStore,
    private readonly writes: KeyedWrites,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const { name, description } = body;
    const asked = check(FIELDS, { ...body, slug: body.slug ?? '' });
    requireNoReservedSlug(asked.slug ?? slugFrom(name));
    const workspaceId = workspaceOf(context).id;
    const scopes = [...new Set(asked.scopes)];
    const wanted = { name, description, contactEmail: asked.contact_email, scopes, workspaceId };
    return this.writes.run(context, async (transaction) => {
      if (await this.sandboxes.isSandbox(transaction, workspaceId)) refuseFromSandbox('apply as a partner');
      const given = asked.slug
        ? await this.create(transaction, { ...wanted, slug: asked.slug })
        : await this.createUnderFreeSlug(transaction, wanted);
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'partner.created',
        subject: partnerActor(given),
        details: { name, scopes },
      });
      return jsonAnswer({ slug: given, status: 'approved' }, 201);
    });
  }

  private async create(transaction: Queryable, partner: NewPartner): Promise<string> {
    const id = await this.partners.create(transaction, partner);
    if (id === undefined) throw slugTaken(partner.slug);
    return partner.slug;
  }

  /** What is free by name may still look like another, or be taken meanwhile: then the next one. */
  private async createUnderFreeSlug(
    transaction: Queryable,
    partner: Omit<NewPartner, 'slug'>,
  ): Promise<string> {
    const stem = slugFrom(partner.name);
    const taken = new Set(await this.partners.takenSlugs(stem));
    while (true) {
      const free = firstFreeSlug(stem, taken);
      const id = await this.partners.create(transaction, { ...partner, slug: free });
      if (id !== undefined) return free;
      taken.add(free);
    }
  }
}
