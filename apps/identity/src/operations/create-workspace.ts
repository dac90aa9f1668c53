import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { check, name, orAbsent, slug, tier } from '../domain/fields.js';
import { slugFrom } from '../domain/slug.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createWorkspace;

const FIELDS = { name, slug: orAbsent(slug), tier: orAbsent(tier) };

/** A workspace under the slug given, or under the first free one made from its name. */
@Injectable()
export class CreateWorkspace {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly clock: Clock,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const settings = { name: asked.name, tier: asked.tier ?? 'free' };
    const now = new Date(this.clock.now());
    return this.across.transaction(async (transaction) => {
      const workspace = asked.slug
        ? await this.workspaces.create({ ...settings, slug: asked.slug }, now, transaction)
        : await this.workspaces.createUnderFreeSlug(
            settings,
            slugFrom(asked.name),
            now,
            transaction,
            transaction,
          );
      if (!workspace) throw slugTaken(asked.slug);
      const { id, slug: given, tier: level } = workspace;
      await this.audit.record(transaction, {
        ...askedBy(context),
        workspaceId: id,
        action: 'workspace.created',
        subject: `workspace:${id}`,
        details: { name: asked.name, slug: given, tier: level },
      });
      return { workspace };
    });
  }
}

function slugTaken(wanted: string | undefined): ProblemError {
  return new ProblemError('conflict', `The slug ${wanted} is taken. Choose another, or leave it out.`);
}
