import { Injectable } from '@nestjs/common';
import type { StoredSecret } from '../domain/key-hasher.js';
import type { Tier } from '../domain/tiers.js';
import { AcrossWorkspaces } from './across-workspaces.js';
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

type OwnedKey = Omit<Prisma.ApiKeyUncheckedCreateInput, keyof StoredSecret>;

@Injectable()
export class ApiKeyStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Returns the key's row id. */
  createForWorkspace(workspaceId: number, secret: StoredSecret, settings: KeySettings): Promise<number> {
    return this.create({ workspaceId, ...settings, scopes: [...settings.scopes] }, secret);
  }

  /** Returns the key's row id. */
  createForPartner(
    partner: { id: number; name: string },
    secret: StoredSecret,
    limitPerMinute: number | undefined,
  ): Promise<number> {
    return this.create({ partnerId: partner.id, name: partner.name, scopes: [], limitPerMinute }, secret);
  }

  private async create(row: OwnedKey, secret: StoredSecret): Promise<number> {
    const data = { ...row, ...secret, secretHmac: Uint8Array.from(secret.secretHmac) };
    const { id } = await this.across.prisma((client) => client.apiKey.create({ data, select: { id: true } }));
    return id;
  }
}
