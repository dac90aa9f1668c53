import { isWellFormedScope } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { check, description, email, name, orAbsent, rowId, scopeList, slug } from '../domain/fields.js';
import { slugTaken } from '../domain/partner-slug.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { PartnerStore } from '../storage/partner-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createPartner;

const FIELDS = {
  name,
  slug,
  contactEmail: email,
  description: orAbsent(description),
  scopes: scopeList(isWellFormedScope).min(1, 'must name at least one scope'),
  workspaceId: rowId,
};

/** Admits a workspace's integration at once, with the scopes that it will ask of those who install it. */
@Injectable()
export class CreatePartner {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly partners: PartnerStore,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const partner = check(FIELDS, message);
    const applicant = await this.workspaces.findLive(partner.workspaceId);
    if (!applicant) throw new ProblemError('not_found', `There is no workspace ${partner.workspaceId}.`);
    const { slug, name, scopes, workspaceId } = partner;
    const id = await this.across.transaction(async (transaction) => {
      const described = { ...partner, description: partner.description ?? '' };
      const made = await this.partners.create(transaction, described);
      if (made === undefined) throw slugTaken(slug);
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId,
        action: 'partner.created',
        subject: `partner:${slug}`,
        details: { name, scopes },
      });
      return made;
    });
    return { id, slug };
  }
}
