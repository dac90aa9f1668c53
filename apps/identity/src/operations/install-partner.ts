import { allows, isWellFormedScope } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { check, rowId, scopeList, slug } from '../domain/fields.js';
import { installScopes } from '../domain/grants.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { PartnerStore } from '../storage/partner-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.installPartner;

const FIELDS = { slug, workspaceId: rowId, scopes: scopeList(isWellFormedScope) };

/** Lets a partner act in a workspace. Installing again changes the scopes of the install that is there. */
@Injectable()
export class InstallPartner {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly partners: PartnerStore,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const partner = await this.partners.findApproved(asked.slug);
    if (!partner) throw new ProblemError('not_found', `There is no approved partner ${asked.slug}.`);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    const granted = installScopes(asked.scopes, partner.scopes, allows);
    await this.across.transaction(async (transaction) => {
      await this.partners.install(transaction, partner.id, workspace.id, granted);
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId: workspace.id,
        action: 'partner.installed',
        subject: `partner:${asked.slug}`,
        details: { scopes: granted },
      });
    });
    return {};
  }
}
