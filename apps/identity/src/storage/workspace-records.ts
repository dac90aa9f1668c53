import { type ListPage, type ListQuery, ListReader, type ListScope, type ListSource } from '@magistry/lists';
import { Injectable } from '@nestjs/common';
import type { Reach } from '../domain/principal.js';
import type { Tier } from '../domain/tiers.js';
import { Database, type Queryable } from './database.js';

/** A workspace as its owners see it. */
export interface WorkspaceRecord {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly tier: Tier;
  readonly settings: Record<string, unknown>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const SELECT = `w.id, w.name, w.slug, w.tier, w.settings, w.created_at AS "createdAt", w.updated_at AS "updatedAt"`;
// A sandbox is its applicant's as soon as it is filled.
const REACHABLE = `(w.id = $1 OR w.created_by = $2
  OR (w.sandbox_applicant_id = $1 AND w.sandbox_ready_at IS NOT NULL)) AND w.deleted_at IS NULL`;

// Times are shown in whole seconds, so they are compared as shown.
const SOURCE: ListSource = {
  select: SELECT,
  from: 'workspace w',
  key: 'w.id',
  columns: {
    id: 'w.id',
    name: 'w.name',
    slug: 'w.slug',
    tier: 'w.tier',
    created_at: `date_trunc('second', w.created_at)`,
    updated_at: `date_trunc('second', w.updated_at)`,
  },
  statuses: {},
  searched: ['w.name', 'w.slug'],
};

const UPDATE_SQL = `
  UPDATE workspace w SET name = coalesce($2, w.name), settings = coalesce($3, w.settings), updated_at = $4
  WHERE w.id = $1 RETURNING ${SELECT}`;

// All that could be called through the workspace ends with it; its ledger stays.
const DELETE_SQL = [
  'UPDATE workspace SET deleted_at = $2, updated_at = $2 WHERE id = $1',
  'UPDATE api_key SET revoked_at = $2 WHERE workspace_id = $1 AND revoked_at IS NULL',
  'UPDATE service_credential SET revoked_at = $2 WHERE workspace_id = $1 AND revoked_at IS NULL',
  'UPDATE partner_install SET uninstalled_at = $2 WHERE workspace_id = $1 AND uninstalled_at IS NULL',
  `UPDATE partner SET status = 'suspended' WHERE workspace_id = $1 AND $2::timestamptz IS NOT NULL`,
];

@Injectable()
export class WorkspaceRecords {
  private readonly reader = new ListReader<WorkspaceRecord>(SOURCE);

  constructor(private readonly database: Database) {}

  list(reach: Reach, query: ListQuery): Promise<ListPage<WorkspaceRecord>> {
    return this.reader.read(this.database.readsIn(reach), scopeOf(reach), query);
  }

  async find(reach: Reach, id: number): Promise<WorkspaceRecord | undefined> {
    return this.findOne(this.database.readsIn(reach), reach, id, '');
  }

  /** Holds every other change of it back until the transaction ends. */
  lock(transaction: Queryable, reach: Reach, id: number): Promise<WorkspaceRecord | undefined> {
    return this.findOne(transaction, reach, id, 'FOR UPDATE OF w');
  }

  /** What is undefined stays as it is. */
  async update(
    transaction: Queryable,
    id: number,
    change: { name?: string | undefined; settings?: Record<string, unknown> | undefined },
    now: Date,
  ): Promise<WorkspaceRecord> {
    const settings = change.settings === undefined ? null : JSON.stringify(change.settings);
    const values = [id, change.name ?? null, settings, now];
    const [updated] = await transaction.query<WorkspaceRecord>({ text: UPDATE_SQL, values });
    if (!updated) throw new Error('a locked workspace is gone');
    return updated;
  }

  async delete(transaction: Queryable, id: number, now: Date): Promise<void> {
    for (const text of DELETE_SQL) await transaction.query({ text, values: [id, now] });
  }

  private async findOne(
    on: Queryable,
    reach: Reach,
    id: number,
    lock: string,
  ): Promise<WorkspaceRecord | undefined> {
    const { condition, values } = scopeOf(reach);
    const text = `SELECT ${SELECT} FROM workspace w WHERE ${condition} AND w.id = $3 ${lock}`;
    const [found] = await on.query<WorkspaceRecord>({ text, values: [...values, id] });
    return found;
  }
}

function scopeOf({ workspaceId, principalId }: Reach): ListScope {
  return { condition: REACHABLE, values: [workspaceId, principalId] };
}
