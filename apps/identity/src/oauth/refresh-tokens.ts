import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { RefreshTokenForm, sha256 } from '../domain/oauth/token-form.js';
import { OAuthGrantStore, type RefreshToken, type StoredFamily } from '../storage/oauth-grant-store.js';
import type { Payload } from '../storage/oauth-record-store.js';
import { OAuthSecrets } from './secrets.js';

/** One rotation under way: what it starts from, and what oidc-provider has made of it. */
export interface Rotating {
  readonly family: StoredFamily;
  readonly presented: string;
  successor?: RefreshToken;
}

/** Refresh tokens as oidc-provider sees them. While one is rotated, nothing is written: the rotation is one step. */
@Injectable()
export class RefreshTokens {
  private readonly form: RefreshTokenForm;
  private readonly rotating = new AsyncLocalStorage<Rotating>();

  constructor(
    private readonly grants: OAuthGrantStore,
    private readonly clock: Clock,
    secrets: OAuthSecrets,
  ) {
    this.form = new RefreshTokenForm(secrets.refreshTokenKey);
  }

  mint(grantId: string): string {
    const family = this.rotating.getStore()?.family;
    return this.form.mint({ grantId, generation: family ? family.generation + 1 : 0 });
  }

  /** The family that a token names; undefined for one that we did not write. */
  async familyOf(presented: string): Promise<StoredFamily | undefined> {
    const name = this.form.read(presented);
    return name && this.grants.findFamily(name.grantId);
  }

  generationOf(presented: string): number {
    return this.form.read(presented)?.generation ?? -1;
  }

  during(rotating: Rotating, work: () => Promise<void>): Promise<void> {
    return this.rotating.run(rotating, work);
  }

  async save(value: string, payload: Payload, expiresInSeconds: number): Promise<void> {
    const expiresAt = new Date(this.clock.now() + expiresInSeconds * 1_000);
    const token = { value, generation: this.generationOf(value), payload, expiresAt };
    const rotating = this.rotating.getStore();
    if (rotating) rotating.successor = token;
    else await this.grants.giveFirstRefreshToken(String(payload['grantId']), token);
  }

  /** An older generation is there, marked as used. */
  async find(value: string): Promise<Payload | undefined> {
    const rotating = this.rotating.getStore();
    if (rotating?.presented === value) return rotating.family.refreshPayload;
    const family = await this.familyOf(value);
    if (!family || family.revokedAt) return undefined;
    if (isCurrent(family, value)) return family.refreshPayload;
    return { ...family.refreshPayload, consumed: Math.floor((family.rotatedAt?.getTime() ?? 0) / 1_000) };
  }
}

export function isCurrent(family: StoredFamily, presented: string): boolean {
  return family.refreshSha256.equals(sha256(presented));
}
