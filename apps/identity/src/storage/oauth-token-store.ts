import { Injectable } from '@nestjs/common';
import type { AccessToken } from '../domain/oauth/access-token.js';
import { sha256 } from '../domain/oauth/token-form.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Payload } from './oauth-record-store.js';
import { isOpen, isSandbox } from './open-workspaces.js';

export type AccessTokenKind = 'AccessToken' | 'ClientCredentials';

const SAVE_SQL = `
  INSERT INTO oauth_access_token (sha256, kind, grant_id, client_id, payload, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

const FIND_SQL = `
  SELECT t.payload
  FROM oauth_access_token t
  LEFT JOIN oauth_grant g ON g.id = t.grant_id
  WHERE t.sha256 = $1 AND t.kind = $2 AND g.revoked_at IS NULL`;

// A member's role counts as it is now; a client of a suspended partner opens nothing.
const HOLDER_SQL = `
  SELECT t.payload->>'scope' AS scope, t.payload->>'jkt' AS "dpopThumbprint", t.expires_at AS "expiresAt",
    g.id AS "grantId", g.account_id AS "accountId", m.role, c.client_id AS "clientId",
    c.maker_ids AS "clientMakerIds",
    json_build_object('id', w.id, 'slug', w.slug, 'tier', w.tier, 'isSandbox', ${isSandbox('w')}) AS workspace
  FROM oauth_access_token t
  JOIN oauth_client c ON c.client_id = t.client_id AND c.removed_at IS NULL
  LEFT JOIN partner p ON c.registered_by = 'partner:' || p.slug
  LEFT JOIN oauth_grant g ON g.id = t.grant_id
  LEFT JOIN member m
    ON m.user_id::text = g.account_id AND m.workspace_id = g.workspace_id AND m.removed_at IS NULL
  JOIN workspace w ON w.id = coalesce(g.workspace_id, c.workspace_id) AND ${isOpen('w')}
  WHERE t.sha256 = $1 AND g.revoked_at IS NULL AND coalesce(p.status, 'approved') = 'approved'`;

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

  /** For the gateway: on whose behalf the token acts, in one query. */
  async findHolder(value: string): Promise<AccessToken | undefined> {
    const statement = { name: 'find-token-holder', text: HOLDER_SQL, values: [sha256(value)] };
    const [token] = await this.across.query<AccessToken>(statement);
    return token;
  }

  /** Whether there was one. */
  async remove(value: string): Promise<boolean> {
    const text = 'DELETE FROM oauth_access_token WHERE sha256 = $1 RETURNING kind';
    return (await this.across.query({ text, values: [sha256(value)] })).length > 0;
  }
}
