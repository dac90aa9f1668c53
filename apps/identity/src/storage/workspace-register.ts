import { Injectable } from '@nestjs/common';
import type { WorkspaceSelector } from '../domain/principal.js';
import type { Tier } from '../domain/tiers.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** A live workspace as an operator sees it. */
export interface WorkspaceRecord {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly tier: Tier;
  readonly createdUnixMs: number;
  readonly tierChangedBy: string;
}

const FIELDS = `w.id, w.slug, w.name, w.tier, coalesce(w.tier_changed_by, '') AS "tierChangedBy",
  extract(epoch FROM w.created_at)::float8 * 1000 AS "createdUnixMs"`;

const FIND_SQL = `
  SELECT ${FIELDS} FROM workspace w WHERE w.deleted_at IS NULL AND (w.id = $1 OR w.slug = $2)`;

const LIST_SQL = `
  SELECT ${FIELDS} FROM workspace w WHERE w.deleted_at IS NULL AND w.id > $1 ORDER BY w.id LIMIT $2`;

const SET_TIER_SQL = `
  UPDATE workspace w SET tier = $2, tier_changed_by = $3, updated_at = now()
  FROM (SELECT id, tier FROM workspace WHERE id = $1 AND deleted_at IS NULL FOR UPDATE) before
  WHERE w.id = before.id
  RETURNING ${FIELDS}, before.tier AS "previousTier"`;

/** Every workspace, for operators alone: requests reach one through CredentialStore. */
@Injectable()
export class WorkspaceRegister {
  constructor(private readonly across: AcrossWorkspaces) {}

  async find({ id, slug }: WorkspaceSelector): Promise<WorkspaceRecord | undefined> {
    const [found] = await this.across.query<WorkspaceRecord>({ text: FIND_SQL, values: [id, slug] });
    return found;
  }

  async list(page: Page): Promise<PageOf<WorkspaceRecord>> {
    const values = [page.afterId, page.limit + 1];
    return pageOf(page, await this.across.query<WorkspaceRecord>({ text: LIST_SQL, values }));
  }

  /** Undefined when there is no such workspace. */
  async setTier(transaction: Queryable, id: number, tier: Tier, actor: string) {
    const values = [id, tier, actor];
    type Changed = WorkspaceRecord & { readonly previousTier: Tier };
    const [changed] = await transaction.query<Changed>({ text: SET_TIER_SQL, values });
    if (!changed) return undefined;
    const { previousTier, ...workspace } = changed;
    return { workspace, previousTier };
  }
}
