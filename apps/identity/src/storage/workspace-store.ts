import { Injectable } from '@nestjs/common';
import { firstFreeSlug } from '../domain/slug.js';
import type { Tier } from '../domain/tiers.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { Database } from './database.js';

const LIVE_FIELDS = { id: true, slug: true, tier: true } as const;

@Injectable()
export class WorkspaceStore {
  constructor(private readonly database: Database) {}

  /** The new workspace, or undefined when the slug is taken. */
  async create(workspace: { name: string; slug: string; tier: Tier }): Promise<LiveWorkspace | undefined> {
    const [created] = await this.database.prisma((client) =>
      client.workspace.createManyAndReturn({ data: workspace, skipDuplicates: true, select: LIVE_FIELDS }),
    );
    return created && withTier(created);
  }

  /** `stem`, or `stem-2`, `stem-3` and so on: the first that no workspace has or had. */
  async freeSlug(stem: string): Promise<string> {
    const taken = await this.database.prisma((client) =>
      client.workspace.findMany({
        where: { OR: [{ slug: stem }, { slug: { startsWith: `${stem}-` } }] },
        select: { slug: true },
      }),
    );
    return firstFreeSlug(stem, new Set(taken.map(({ slug }) => slug)));
  }

  async findLive(id: number): Promise<LiveWorkspace | undefined> {
    const found = await this.database.prisma((client) =>
      client.workspace.findFirst({ where: { id, deletedAt: null }, select: LIVE_FIELDS }),
    );
    return found ? withTier(found) : undefined;
  }
}

function withTier(row: { id: number; slug: string; tier: string }): LiveWorkspace {
  // The table's CHECK lists the tiers.
  return { ...row, tier: row.tier as Tier };
}
