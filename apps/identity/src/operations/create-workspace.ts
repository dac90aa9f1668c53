import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { check, name, orAbsent, slug, tier } from '../domain/fields.js';
import { slugFrom } from '../domain/slug.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createWorkspace;

const FIELDS = { name, slug: orAbsent(slug), tier: orAbsent(tier) };

/** A workspace under the slug given, or under the first free one made from its name. */
@Injectable()
export class CreateWorkspace {
  constructor(
    private readonly workspaces: WorkspaceStore,
    private readonly clock: Clock,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const settings = { name: asked.name, tier: asked.tier ?? 'free' };
    const now = new Date(this.clock.now());
    const workspace = asked.slug
      ? await this.workspaces.create({ ...settings, slug: asked.slug }, now)
      : await this.workspaces.createUnderFreeSlug(settings, slugFrom(settings.name), now);
    if (workspace) return { workspace };
    throw new ProblemError('conflict', `The slug ${asked.slug} is taken. Choose another, or leave it out.`);
  }
}
