import { Injectable } from '@nestjs/common';
import { firstFreeSlug } from '../domain/slug.js';
import type { Tier } from '../domain/tiers.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

export interface NewWorkspace {
  readonly name: string;
  readonly slug: string;
  readonly tier: Tier;
  /** The principal that makes it by API. */
  readonly createdBy?: string;
  /** Makes it a partner's sandbox, open to the workspace that applied for the partner. */
  readonly sandbox?: { readonly partnerId: number; readonly applicantId: number };
}

const LIVE_FIELDS = 'id, slug, tier, sandbox_partner_id IS NOT NULL AS "isSandbox"';

const CREATE_SQL = `
  INSERT INTO workspace
    (name, slug, tier, created_by, created_at, updated_at, sandbox_partner_id, sandbox_applicant_id)
  VALUES ($1, $2, $3, $4, $5, $5, $6, $7) ON CONFLICT (slug) DO NOTHING
  RETURNING ${LIVE_FIELDS}`;

const FIND_LIVE_SQL = `
  SELECT ${LIVE_FIELDS} FROM workspace WHERE id = $1 AND deleted_at IS NULL`;

@Injectable()
export class WorkspaceStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** The new workspace, or undefined when the slug is taken. */
  async create(
    workspace: NewWorkspace,
    now: Date,
    on: Queryable = this.across,
  ): Promise<LiveWorkspace | undefined> {
    const { name, slug, tier, createdBy = null, sandbox } = workspace;
    const values = [name, slug, tier, createdBy, now, sandbox?.partnerId, sandbox?.applicantId];
    const [created] = await on.query<LiveWorkspace>({ text: CREATE_SQL, values });
    return created;
  }

  /**
   * Under the first of `stem`, `stem-2`, `stem-3` and so on that no workspace has or had. Slugs are unique across
   * workspaces, so `register` looks across, whatever the transaction may see.
   */
  async createUnderFreeSlug(
    workspace: Omit<NewWorkspace, 'slug'>,
    stem: string,
    now: Date,
    on: Queryable = this.across,
    register: Queryable = this.across,
  ): Promise<LiveWorkspace> {
    let created: LiveWorkspace | undefined;
    // Another create may take the free slug in between; whenever that happens, the other one went through.
    while (!created) {
      created = await this.create({ ...workspace, slug: await freeSlug(register, stem) }, now, on);
    }
    return created;
  }

  async findLive(id: number): Promise<LiveWorkspace | undefined> {
    const [found] = await this.across.query<LiveWorkspace>({ text: FIND_LIVE_SQL, values: [id] });
    return found;
  }
}

async function freeSlug(register: Queryable, stem: string): Promise<string> {
  const text = `SELECT slug FROM workspace WHERE slug = $1 OR slug LIKE $1 || '-%'`;
  const taken = await register.query<{ slug: string }>({ text, values: [stem] });
  return firstFreeSlug(stem, new Set(taken.map(({ slug }) => slug)));
}
