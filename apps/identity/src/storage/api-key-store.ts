import { Injectable } from '@nestjs/common';
import type { StoredSecret } from '../domain/key-hasher.js';
import type { Tier } from '../domain/tiers.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';
import type { Prisma } from './generated/client.js';

/** What its maker decides about a workspace's key; absent settings follow the workspace. */
export interface KeySettings {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly tier: Tier | undefined;
  readonly limitPerMinute: number | undefined;
  readonly apiVersion: string;
  readonly expiresAt: Date | undefined;
}

const CREATE_FOR_PARTNER_SQL = `
  INSERT INTO api_key (partner_id, key_id, prefix, secret_hmac, pepper_id, name, scopes, limit_per_minute, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8) RETURNING id`;

type OwnedKey = Omit<Prisma.ApiKeyUncheckedCreateInput, keyof StoredSecret>;

@Injectable()
export class ApiKeyStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Returns the key's row id. */
  createForWorkspace(workspaceId: number, secret: StoredSecret, settings: KeySettings): Promise<number> {
    return this.create({ workspaceId, ...settings, scopes: [...settings.scopes] }, secret);
  }

  /** Returns the key's row id. */
  async createForPartner(
    partner: { id: number; name: string },
    secret: StoredSecret,
    { now, limitPerMinute = null }: { now: Date; limitPerMinute?: number | null },
    on: Queryable = this.across,
  ): Promise<number> {
    const { keyId, prefix, secretHmac, pepperId } = secret;
    const values = [partner.id, keyId, prefix, secretHmac, pepperId, partner.name, limitPerMinute, now];
    const [row] = await on.query<{ id: number }>({ text: CREATE_FOR_PARTNER_SQL, values });
    if (!row) throw new Error('an insert gave no row');
    return row.id;
  }

  private async create(row: OwnedKey, secret: StoredSecret): Promise<number> {
    const data = { ...row, ...secret, secretHmac: Uint8Array.from(secret.secretHmac) };
    const { id } = await this.across.prisma((client) => client.apiKey.create({ data, select: { id: true } }));
    return id;
  }
}
