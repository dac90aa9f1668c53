import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { check, rowId, scopes, slug } from '../domain/fields.js';
import { installScopes } from '../domain/grants.js';
import { PartnerStore } from '../storage/partner-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.installPartner;

/** Lets a partner act in a workspace. Installing again changes the scopes of the install that is there. */
@Injectable()
export class InstallPartner {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly partners: PartnerStore,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check({ slug, workspaceId: rowId, scopes }, message);
    const partner = await this.partners.findApproved(asked.slug);
    if (!partner) throw new ProblemError('not_found', `There is no approved partner ${asked.slug}.`);
    const workspace = await this.workspaces.findLive(asked.workspaceId);
    if (!workspace) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    await this.partners.install(partner.id, workspace.id, installScopes(asked.scopes, partner.scopes));
    return {};
  }
}
