import { identity } from '@magistry/contracts';
import { type Answer, Broadcaster, NO_CONTENT, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { notFound, pathId, reachOf } from '../domain/principal.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { WorkspaceRecords } from '../storage/workspace-records.js';

type Operation = typeof identity.deleteWorkspace;

/** DELETE /api/v1/workspaces/:id: its keys, installs and partners end with it; its ledger is kept. */
@Injectable()
export class DeleteWorkspace {
  constructor(
    private readonly workspaces: WorkspaceRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly broadcaster: Broadcaster,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params }: PublicRequest<Operation>): Promise<Answer> {
    const id = pathId(params.id);
    const answer = await this.writes.run(context, async (transaction) => {
      const workspace = await this.workspaces.lock(transaction, reachOf(context), id);
      if (!workspace) throw notFound();
      await this.workspaces.delete(transaction, id, this.clock.second());
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'workspace.deleted',
        subject: `workspace:${id}`,
        details: { slug: workspace.slug },
      });
      return NO_CONTENT;
    });
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }
}
