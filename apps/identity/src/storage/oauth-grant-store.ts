import { Injectable } from '@nestjs/common';
import type { Family } from '../domain/oauth/rotation.js';
import { sha256 } from '../domain/oauth/token-form.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';
import type { Payload } from './oauth-record-store.js';

/** One authorization: what a person let an application do, and where. */
export interface NewGrant {
  readonly id: string;
  readonly workspaceId: number;
  readonly accountId: string;
  readonly clientId: string;
  readonly payload: Payload;
  readonly expiresAt: Date;
}

/** The refresh token of a family that counts. */
export interface RefreshToken {
  readonly value: string;
  readonly generation: number;
  readonly payload: Payload;
  readonly expiresAt: Date;
}

export interface StoredFamily extends Family {
  readonly id: string;
  readonly workspaceId: number;
  readonly accountId: string;
  readonly payload: Payload;
  readonly refreshSha256: Buffer;
  readonly refreshPayload: Payload;
  readonly successorSealed: Buffer | null;
}

const REVOKED = 'RETURNING id, workspace_id AS "workspaceId", client_id AS "clientId"';

const SAVE_SQL = `
  INSERT INTO oauth_grant (id, workspace_id, account_id, client_id, payload, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (id) DO UPDATE SET payload = EXCLUDED.payload, expires_at = EXCLUDED.expires_at`;

const FAMILY_SQL = `
  SELECT id, workspace_id AS "workspaceId", account_id AS "accountId", client_id AS "clientId", payload, generation,
    refresh_sha256 AS "refreshSha256", refresh_payload AS "refreshPayload",
    least(refresh_expires_at, expires_at) AS "refreshExpiresAt", refresh_payload->>'jkt' AS "boundJkt",
    rotated_at AS "rotatedAt", replays, successor_sealed AS "successorSealed", successor_jkt AS "successorJkt",
    revoked_at AS "revokedAt"
  FROM oauth_grant WHERE id = $1 AND refresh_sha256 IS NOT NULL`;

const FIRST_REFRESH_SQL = `
  UPDATE oauth_grant
  SET generation = $2, refresh_sha256 = $3, refresh_payload = $4, refresh_expires_at = $5 WHERE id = $1`;

const ROTATE_SQL = `
  UPDATE oauth_grant
  SET generation = $2, refresh_sha256 = $3, refresh_payload = $4, refresh_expires_at = $5,
    rotated_at = $6, successor_sealed = $7, successor_jkt = $8, replays = 0
  WHERE id = $1 AND generation = $2 - 1 AND refresh_sha256 = $9 AND revoked_at IS NULL
  RETURNING id`;

const REVOKE_SQL = `
  UPDATE oauth_grant SET revoked_at = $2, revoked_reason = $3, successor_sealed = NULL
  WHERE id = $1 AND revoked_at IS NULL ${REVOKED}`;

/** A family that has just ended. */
export interface RevokedFamily {
  readonly id: string;
  readonly workspaceId: number;
  readonly clientId: string;
}

export interface Successor {
  readonly token: RefreshToken;
  readonly sealedAnswer: Buffer;
  readonly jkt: string | null;
}

/** Families of tokens, by the id of their grant. */
@Injectable()
export class OAuthGrantStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async save(grant: NewGrant): Promise<void> {
    const { id, workspaceId, accountId, clientId, payload, expiresAt } = grant;
    const values = [id, workspaceId, accountId, clientId, JSON.stringify(payload), expiresAt];
    await this.across.query({ text: SAVE_SQL, values });
  }

  /** Nothing once it is revoked. */
  async find(id: string): Promise<Omit<NewGrant, 'id' | 'expiresAt'> | undefined> {
    const text = `
      SELECT workspace_id AS "workspaceId", account_id AS "accountId", client_id AS "clientId", payload
      FROM oauth_grant WHERE id = $1 AND revoked_at IS NULL`;
    const [grant] = await this.across.query<Omit<NewGrant, 'id' | 'expiresAt'>>({ text, values: [id] });
    return grant;
  }

  async findFamily(id: string): Promise<StoredFamily | undefined> {
    const [family] = await this.across.query<StoredFamily>({ text: FAMILY_SQL, values: [id] });
    return family;
  }

  /** Nobody else changes the family until the transaction ends. */
  async lockFamily(transaction: Queryable, id: string): Promise<StoredFamily | undefined> {
    const statement = { text: `${FAMILY_SQL} FOR UPDATE`, values: [id] };
    const [family] = await transaction.query<StoredFamily>(statement);
    return family;
  }

  async giveFirstRefreshToken(id: string, token: RefreshToken): Promise<void> {
    await this.across.query({ text: FIRST_REFRESH_SQL, values: refreshValues(id, token) });
  }

  /** The compare-and-set: whether the presented token was the one that counted, and the family alive. */
  async rotate(
    transaction: Queryable,
    family: StoredFamily,
    { token, sealedAnswer, jkt }: Successor,
    now: Date,
  ): Promise<boolean> {
    const values = [...refreshValues(family.id, token), now, sealedAnswer, jkt, family.refreshSha256];
    return (await transaction.query({ text: ROTATE_SQL, values })).length > 0;
  }

  async countReplay(transaction: Queryable, id: string): Promise<void> {
    const text = 'UPDATE oauth_grant SET replays = replays + 1 WHERE id = $1';
    await transaction.query({ text, values: [id] });
  }

  /** Ends the family and every token of it; empty when it had ended before. */
  revoke(on: Queryable, id: string, reason: string, now: Date): Promise<RevokedFamily[]> {
    return on.query({ text: REVOKE_SQL, values: [id, now, reason] });
  }

  /** Ends with that login. */
  async bindToLogin(id: string, sessionUid: string): Promise<void> {
    const text = 'UPDATE oauth_grant SET session_uid_sha256 = $2 WHERE id = $1';
    await this.across.query({ text, values: [id, sha256(sessionUid)] });
  }

  revokeOfLogin(on: Queryable, sessionUid: string, now: Date): Promise<RevokedFamily[]> {
    const text = `
      UPDATE oauth_grant SET revoked_at = $2, revoked_reason = 'logged_out', successor_sealed = NULL
      WHERE session_uid_sha256 = $1 AND revoked_at IS NULL ${REVOKED}`;
    return on.query({ text, values: [sha256(sessionUid), now] });
  }

  /** In one workspace, or everywhere. */
  revokeOfAccount(
    on: Queryable,
    accountId: string,
    workspaceId: number | undefined,
    now: Date,
  ): Promise<RevokedFamily[]> {
    const text = `
      UPDATE oauth_grant SET revoked_at = $3, revoked_reason = 'withdrawn', successor_sealed = NULL
      WHERE account_id = $1 AND workspace_id = coalesce($2, workspace_id) AND revoked_at IS NULL
      ${REVOKED}`;
    return on.query({ text, values: [accountId, workspaceId ?? null, now] });
  }
}

function refreshValues(id: string, { value, generation, payload, expiresAt }: RefreshToken): unknown[] {
  return [id, generation, sha256(value), JSON.stringify(payload), expiresAt];
}
