import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Broadcaster, type CallRequest, type ResultOf } from '@magistry/messaging';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, rowId, tier } from '../domain/fields.js';
import { WorkspaceRegister } from '../storage/workspace-register.js';

type Operation = typeof identity.setWorkspaceTier;

const FIELDS = { workspaceId: rowId, tier };

/** Moves a workspace to another tier. Its keys stay as they are, and are served at the lower of both tiers. */
@Injectable()
export class SetWorkspaceTier {
  constructor(
    private readonly workspaces: WorkspaceRegister,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const { actor } = principalOf(context);
    const changed = await this.workspaces.setTier(asked.workspaceId, asked.tier, actor);
    if (!changed) throw new ProblemError('not_found', `There is no workspace ${asked.workspaceId}.`);
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return changed;
  }
}
