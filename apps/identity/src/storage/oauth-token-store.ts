import { Injectable } from '@nestjs/common';
import { sha256 } from '../domain/oauth/token-form.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Payload } from './oauth-record-store.js';

export type AccessTokenKind = 'AccessToken' | 'ClientCredentials';

const SAVE_SQL = `
  INSERT INTO oauth_access_token (sha256, kind, grant_id, client_id, payload, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

const FIND_SQL = `
  SELECT t.payload
  FROM oauth_access_token t
  LEFT JOIN oauth_grant g ON g.id = t.grant_id
  WHERE t.sha256 = $1 AND t.kind = $2 AND g.revoked_at IS NULL`;

/** Access tokens, found by their SHA-256. One of a revoked family is not there. */
@Injectable()
export class OAuthTokenStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async save(kind: AccessTokenKind, value: string, payload: Payload, expiresAt: Date): Promise<void> {
    const { grantId = null, clientId } = payload;
    const values = [sha256(value), kind, grantId, clientId, JSON.stringify(payload), expiresAt];
    await this.across.query({ name: 'save-access-token', text: SAVE_SQL, values });
  }

  async find(kind: AccessTokenKind, value: string): Promise<Payload | undefined> {
    const statement = { name: 'find-access-token', text: FIND_SQL, values: [sha256(value), kind] };
    const [row] = await this.across.query<{ payload: Payload }>(statement);
    return row?.payload;
  }

  /** Whether there was one. */
  async remove(value: string): Promise<boolean> {
    const text = 'DELETE FROM oauth_access_token WHERE sha256 = $1 RETURNING kind';
    return (await this.across.query({ text, values: [sha256(value)] })).length > 0;
  }

  async removeExpired(now: Date): Promise<void> {
    await this.across.query({ text: 'DELETE FROM oauth_access_token WHERE expires_at <= $1', values: [now] });
  }
}
