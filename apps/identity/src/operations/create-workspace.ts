import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { check, name, orAbsent, slug, tier } from '../domain/fields.js';
import { slugFrom } from '../domain/slug.js';
import type { Tier } from '../domain/tiers.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createWorkspace;

const FIELDS = { name, slug: orAbsent(slug), tier: orAbsent(tier) };

/** A workspace under the slug given, or under the first free one made from its name. */
@Injectable()
export class CreateWorkspace {
  constructor(private readonly workspaces: WorkspaceStore) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const asked = check(FIELDS, message);
    const settings = { name: asked.name, tier: asked.tier ?? 'free' };
    const workspace = asked.slug
      ? await this.workspaces.create({ ...settings, slug: asked.slug })
      : await this.createUnderFreeSlug(settings);
    if (workspace) return { workspace };
    throw new ProblemError('conflict', `The slug ${asked.slug} is taken. Choose another, or leave it out.`);
  }

  // Another create may take the free slug in between; whenever that happens, the other one went through.
  private async createUnderFreeSlug(settings: { name: string; tier: Tier }): Promise<LiveWorkspace> {
    const stem = slugFrom(settings.name);
    let created: LiveWorkspace | undefined;
    while (!created) {
      const free = await this.workspaces.freeSlug(stem);
      created = await this.workspaces.create({ ...settings, slug: free });
    }
    return created;
  }
}
