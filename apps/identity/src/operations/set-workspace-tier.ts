import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { Broadcaster, type CallRequest, type ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { check, rowId, tier } from '../domain/fields.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { WorkspaceRegister } from '../storage/workspace-register.js';

type Operation = typeof identity.setWorkspaceTier;

const FIELDS = { workspaceId: rowId, tier };

/** Moves a workspace to another tier. Its keys stay as they are, and are served at the lower of both tiers. */
@Injectable()
export class SetWorkspaceTier {
  constructor(
    private readonly workspaces: WorkspaceRegister,
    private readonly broadcaster: Broadcaster,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const { workspaceId, tier: level } = asked;
    const { actor } = principalOf(context);
    const changed = await this.across.transaction(async (transaction) => {
      const done = await this.workspaces.setTier(transaction, workspaceId, level, actor);
      if (!done) throw new ProblemError('not_found', `There is no workspace ${workspaceId}.`);
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId,
        action: 'workspace.tier_changed',
        subject: `workspace:${workspaceId}`,
        details: { from: done.previousTier, to: level },
      });
      return done;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return changed;
  }
}
