import type { ApiKeyPrefix } from '@magistry/access';
import { type ListPage, type ListQuery, ListReader, type ListSource } from '@magistry/lists';
import { Injectable } from '@nestjs/common';
import type { StoredSecret } from '../domain/key-hasher.js';
import type { Tier } from '../domain/tiers.js';
import { Database, type Queryable } from './database.js';

/** A key as the owners of its workspace see it: all but its secret. */
export interface ApiKeyRecord {
  readonly id: number;
  readonly name: string;
  readonly form: ApiKeyPrefix;
  /** Public beginning of the key, enough to recognise it by. */
  readonly prefix: string;
  readonly scopes: string[];
  /** The key's own tier; null follows the workspace. */
  readonly tier: Tier | null;
  readonly limitPerMinute: number | null;
  readonly apiVersion: string | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly rotatedAt: Date | null;
  /** The first key of its line. */
  readonly principalKeyId: number;
  readonly makerIds: readonly string[];
  /** Of a sandbox. */
  readonly isTest: boolean;
  readonly workspace: {
    readonly id: number;
    readonly name: string;
    readonly slug: string;
    readonly tier: Tier;
  };
}

export interface NewApiKey extends Pick<ApiKeyRecord, 'name' | 'scopes' | 'tier' | 'expiresAt'> {
  readonly workspaceId: number;
  readonly limitPerMinute: number | null;
  readonly apiVersion: string | null;
  /** Null for the first of a line. */
  readonly principalKeyId: number | null;
  readonly makerIds: readonly string[];
}

interface KeyHome {
  readonly tier: Tier;
  readonly isSandbox: boolean;
}

const LOCK_WORKSPACE_SQL = `
  SELECT tier, sandbox_partner_id IS NOT NULL AS "isSandbox"
  FROM workspace WHERE id = $1 AND deleted_at IS NULL FOR SHARE`;

const SELECT = `k.id, k.prefix AS form, k.name, k.prefix || '_' || left(k.key_id, 3) AS prefix, k.scopes, k.tier,
  k.limit_per_minute AS "limitPerMinute", k.api_version AS "apiVersion", k.expires_at AS "expiresAt",
  k.created_at AS "createdAt", k.last_used_at AS "lastUsedAt", k.rotated_at AS "rotatedAt",
  coalesce(k.principal_key_id, k.id) AS "principalKeyId", k.maker_ids AS "makerIds",
  k.prefix = 'sk_test' AS "isTest",
  json_build_object('id', w.id, 'name', w.name, 'slug', w.slug, 'tier', w.tier) AS workspace`;
const FROM = 'api_key k JOIN workspace w ON w.id = k.workspace_id AND w.deleted_at IS NULL';

// $2 is the present instant: what expires, does so by our clock.
// Keys of integrations are their integrations' business.
const LISTED = `k.workspace_id = $1 AND k.revoked_at IS NULL AND $2::timestamptz IS NOT NULL
  AND k.prefix <> 'magus_sk'`;

const SOURCE: ListSource = {
  select: SELECT,
  from: FROM,
  key: 'k.id',
  columns: { id: 'k.id', name: 'k.name', created_at: `date_trunc('second', k.created_at)` },
  statuses: { active: '(k.expires_at IS NULL OR k.expires_at > $2)', expired: 'k.expires_at <= $2' },
  searched: ['k.name'],
};

const INSERT_SQL = `
  INSERT INTO api_key (workspace_id, key_id, prefix, secret_hmac, pepper_id, name, scopes, tier, limit_per_minute,
    api_version, expires_at, principal_key_id, maker_ids, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`;

const NEWEST_SQL = `
  SELECT max(k.id) AS id FROM api_key k JOIN api_key one ON one.workspace_id = k.workspace_id AND one.id = $2
  WHERE k.workspace_id = $1 AND coalesce(k.principal_key_id, k.id) = coalesce(one.principal_key_id, one.id)`;

@Injectable()
export class ApiKeyRecords {
  private readonly reader = new ListReader<ApiKeyRecord>(SOURCE);

  constructor(private readonly database: Database) {}

  list(workspaceId: number, query: ListQuery, now: Date): Promise<ListPage<ApiKeyRecord>> {
    const scope = { condition: LISTED, values: [workspaceId, now] };
    return this.reader.read(this.database.readsIn({ workspaceId }), scope, query);
  }

  find(workspaceId: number, id: number): Promise<ApiKeyRecord | undefined> {
    return this.findOne(this.database.readsIn({ workspaceId }), workspaceId, id, false, '');
  }

  /** Holds every other change of the key back until the transaction ends, and the workspace's end. */
  async lock(
    transaction: Queryable,
    workspaceId: number,
    id: number,
    isIntegration = false,
  ): Promise<ApiKeyRecord | undefined> {
    if (!(await this.lockWorkspace(transaction, workspaceId))) return undefined;
    return this.findOne(transaction, workspaceId, id, isIntegration, 'FOR UPDATE OF k');
  }

  /** The newest key of the line that the key is of: itself, unless it was rotated. */
  async newestOfLine(transaction: Queryable, workspaceId: number, id: number): Promise<number> {
    const values = [workspaceId, id];
    const [found] = await transaction.query<{ id: number | null }>({ text: NEWEST_SQL, values });
    return found?.id ?? id;
  }

  /** What its keys depend on of a living workspace, which lives on until the transaction ends. */
  async lockWorkspace(transaction: Queryable, workspaceId: number): Promise<KeyHome | undefined> {
    const [workspace] = await transaction.query<KeyHome>({ text: LOCK_WORKSPACE_SQL, values: [workspaceId] });
    return workspace;
  }

  /** Returns the key's row id. */
  async insert(transaction: Queryable, key: NewApiKey, secret: StoredSecret, now: Date): Promise<number> {
    const values = [
      ...[key.workspaceId, secret.keyId, secret.prefix, secret.secretHmac, secret.pepperId, key.name],
      ...[key.scopes, key.tier, key.limitPerMinute, key.apiVersion, key.expiresAt, key.principalKeyId],
      ...[key.makerIds, now],
    ];
    const [row] = await transaction.query<{ id: number }>({ text: INSERT_SQL, values });
    if (!row) throw new Error('an insert gave no row');
    return row.id;
  }

  async retire(transaction: Queryable, id: number, now: Date, graceEndsAt: Date): Promise<void> {
    const text = 'UPDATE api_key SET rotated_at = $2, expires_at = $3 WHERE id = $1';
    await transaction.query({ text, values: [id, now, graceEndsAt] });
  }

  async revoke(transaction: Queryable, id: number, now: Date): Promise<void> {
    const text = 'UPDATE api_key SET revoked_at = $2 WHERE id = $1';
    await transaction.query({ text, values: [id, now] });
  }

  private async findOne(
    on: Queryable,
    workspaceId: number,
    id: number,
    isIntegration: boolean,
    lock: string,
  ): Promise<ApiKeyRecord | undefined> {
    const text = `SELECT ${SELECT} FROM ${FROM}
      WHERE k.workspace_id = $1 AND k.id = $2 AND k.revoked_at IS NULL AND (k.prefix = 'magus_sk') = $3 ${lock}`;
    const [found] = await on.query<ApiKeyRecord>({ text, values: [workspaceId, id, isIntegration] });
    return found;
  }
}
