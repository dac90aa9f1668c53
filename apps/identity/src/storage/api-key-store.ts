import { Injectable } from '@nestjs/common';
import type { StoredSecret } from '../domain/key-hasher.js';
import type { Tier } from '../domain/tiers.js';
import type { Queryable } from './database.js';

/** What its maker decides about a workspace's key; absent settings follow the workspace. */
export interface KeySettings {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tier: Tier | undefined;
  readonly limitPerMinute: number | undefined;
  readonly apiVersion: string;
  readonly expiresAt: Date | undefined;
  readonly makerIds: readonly string[];
}

const INSERT_SQL = `
  INSERT INTO api_key (workspace_id, partner_id, key_id, prefix, secret_hmac, pepper_id, name, scopes, tier,
    limit_per_minute, api_version, expires_at, maker_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id`;

/** Keys that the platform makes, for workspaces and partners, and those that partners make for themselves. */
@Injectable()
export class ApiKeyStore {
  /** Returns the key's row id. */
  createForWorkspace(
    transaction: Queryable,
    workspaceId: number,
    secret: StoredSecret,
    settings: KeySettings,
  ): Promise<number> {
    return this.insert(transaction, { workspaceId }, secret, settings);
  }

  /** Returns the key's row id. */
  createForPartner(
    transaction: Queryable,
    partner: { id: number; name: string },
    secret: StoredSecret,
    { limitPerMinute, makerIds }: Pick<KeySettings, 'makerIds'> & Partial<KeySettings>,
  ): Promise<number> {
    const settings = { name: partner.name, scopes: [], makerIds, ...(limitPerMinute && { limitPerMinute }) };
    return this.insert(transaction, { partnerId: partner.id }, secret, settings);
  }

  private async insert(
    transaction: Queryable,
    { workspaceId, partnerId }: { workspaceId?: number; partnerId?: number },
    { keyId, prefix, secretHmac, pepperId }: StoredSecret,
    { name, scopes, tier, limitPerMinute, apiVersion, expiresAt, makerIds }: Partial<KeySettings>,
  ): Promise<number> {
    const values = [
      ...[workspaceId, partnerId, keyId, prefix, secretHmac, pepperId],
      ...[name, scopes, tier, limitPerMinute, apiVersion, expiresAt, makerIds],
    ];
    const [row] = await transaction.query<{ id: number }>({ text: INSERT_SQL, values });
    if (!row) throw new Error('an insert gave no row');
    return row.id;
  }
}
