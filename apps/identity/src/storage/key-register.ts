import { Injectable } from '@nestjs/common';
import type { Tier } from '../domain/tiers.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** A workspace's key as an operator sees it. */
export interface KeyRecord {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly keyId: string;
  readonly scopes: string[];
  readonly tier: Tier | null;
  readonly limitPerMinute: number;
  readonly apiVersion: string;
  readonly createdUnixMs: number;
  readonly expiresUnixMs: number;
  readonly lastUsedUnixMs: number;
}

export interface RevokedKey {
  readonly id: number;
  readonly name: string;
  readonly workspaceSlug: string;
  readonly revokedUnixMs: number;
  readonly revokedBy: string;
}

/** With what is not the operator's to see. */
interface Revocation extends RevokedKey {
  readonly workspaceId: number;
  /** False when the key was revoked before. */
  readonly wasLive: boolean;
}

const unixMs = (column: string) => `coalesce(extract(epoch FROM ${column})::float8 * 1000, 0)`;

const LIST_SQL = `
  SELECT k.id, k.name, k.prefix, k.key_id AS "keyId", k.scopes, k.tier,
    coalesce(k.limit_per_minute, 0) AS "limitPerMinute", coalesce(k.api_version, '') AS "apiVersion",
    ${unixMs('k.created_at')} AS "createdUnixMs", ${unixMs('k.expires_at')} AS "expiresUnixMs",
    ${unixMs('k.last_used_at')} AS "lastUsedUnixMs"
  FROM api_key k
  WHERE k.workspace_id = $1 AND k.revoked_at IS NULL AND k.id > $2 ORDER BY k.id LIMIT $3`;

// Who revoked first is kept, so that asking again changes nothing.
const REVOKE_SQL = `
  UPDATE api_key k SET
    revoked_by = CASE WHEN before.was_live THEN $2 ELSE k.revoked_by END,
    revoked_at = coalesce(k.revoked_at, now())
  FROM (SELECT id, revoked_at IS NULL AS was_live FROM api_key WHERE id = $1 FOR UPDATE) before, workspace w
  WHERE k.id = before.id AND w.id = k.workspace_id
  RETURNING k.id, k.name, w.id AS "workspaceId", w.slug AS "workspaceSlug", before.was_live AS "wasLive",
    ${unixMs('k.revoked_at')} AS "revokedUnixMs", coalesce(k.revoked_by, '') AS "revokedBy"`;

/** Every workspace's keys, for operators alone. */
@Injectable()
export class KeyRegister {
  constructor(private readonly across: AcrossWorkspaces) {}

  async list(workspaceId: number, page: Page): Promise<PageOf<KeyRecord>> {
    const values = [workspaceId, page.afterId, page.limit + 1];
    return pageOf(page, await this.across.query<KeyRecord>({ text: LIST_SQL, values }));
  }

  /** Undefined when no workspace has such a key. */
  async revoke(transaction: Queryable, id: number, actor: string): Promise<Revocation | undefined> {
    const [revoked] = await transaction.query<Revocation>({ text: REVOKE_SQL, values: [id, actor] });
    return revoked;
  }
}
