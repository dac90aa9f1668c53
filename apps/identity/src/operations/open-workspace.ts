import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock, shown } from '../domain/clock.js';
import { check, orAbsent, slug } from '../domain/fields.js';
import { requireTierUpTo } from '../domain/grants.js';
import { refuseFromSandbox } from '../domain/sandbox.js';
import { slugFrom } from '../domain/slug.js';
import type { Tier } from '../domain/tiers.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { SandboxStore } from '../storage/sandbox-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.openWorkspace;

/** POST /api/v1/workspaces: a workspace that its maker may act in, no better served than where it was made. */
@Injectable()
export class OpenWorkspace {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly sandboxes: SandboxStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, body }: PublicRequest<Operation>): Promise<Answer> {
    const { name, tier = 'free' } = body;
    const asked = check({ slug: orAbsent(slug) }, { slug: body.slug ?? '' });
    requireTierUpTo(tier, workspaceOf(context).tier as Tier);
    const wanted = { name, tier, createdBy: principalOf(context).id };
    return this.writes.run(context, async (transaction) => {
      if (await this.sandboxes.isSandbox(transaction, workspaceOf(context).id))
        refuseFromSandbox('open workspaces');
      const now = this.clock.second();
      const workspace = asked.slug
        ? await this.workspaces.create({ ...wanted, slug: asked.slug }, now, transaction)
        : await this.workspaces.createUnderFreeSlug(wanted, slugFrom(name), now, transaction);
      if (!workspace) throw slugTaken();
      const { id, slug: given } = workspace;
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'workspace.created',
        subject: `workspace:${id}`,
        details: { name, slug: given, tier },
      });
      const data = { id, name, slug: given, tier, created_at: shown(now) };
      return jsonAnswer({ message: 'Workspace created successfully.', data }, 201);
    });
  }
}

function slugTaken(): ProblemError {
  const errors = [{ path: 'slug', code: 'taken', message: 'has already been taken' }];
  return new ProblemError('validation_failed', 'The slug has already been taken.', { errors });
}
