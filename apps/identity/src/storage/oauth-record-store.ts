import { Injectable } from '@nestjs/common';
import { sha256 } from '../domain/oauth/token-form.js';
import { AcrossWorkspaces } from './across-workspaces.js';

export type Payload = Record<string, unknown>;

const UPSERT_SQL = `
  INSERT INTO oauth_record (kind, sha256, payload, uid_sha256, grant_id, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (kind, sha256) DO UPDATE
    SET payload = EXCLUDED.payload, uid_sha256 = EXCLUDED.uid_sha256, expires_at = EXCLUDED.expires_at`;

const FIND_COLUMNS = 'payload, consumed_at AS "consumedAt"';

const INSERT_ONCE_SQL = `
  INSERT INTO oauth_record (kind, sha256, payload, expires_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (kind, sha256) DO NOTHING RETURNING kind`;

const CONSUME_SQL = `
  UPDATE oauth_record SET consumed_at = $3 WHERE kind = $1 AND sha256 = $2 AND consumed_at IS NULL RETURNING kind`;

interface Row {
  readonly payload: Payload;
  readonly consumedAt: Date | null;
}

/** What the protocol keeps for a short while: logins, interactions, codes, pushed requests, proofs that were used. */
@Injectable()
export class OAuthRecordStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async save(kind: string, id: string, payload: Payload, expiresAt: Date | null): Promise<void> {
    const uid = typeof payload['uid'] === 'string' ? sha256(payload['uid']) : null;
    const values = [kind, sha256(id), JSON.stringify(payload), uid, payload['grantId'] ?? null, expiresAt];
    await this.across.query({ name: 'save-oauth-record', text: UPSERT_SQL, values });
  }

  /** Whether it was not there before. */
  async saveOnce(kind: string, id: string, payload: Payload, expiresAt: Date): Promise<boolean> {
    const values = [kind, sha256(id), JSON.stringify(payload), expiresAt];
    return (await this.across.query({ text: INSERT_ONCE_SQL, values })).length > 0;
  }

  find(kind: string, id: string): Promise<Payload | undefined> {
    return this.findWhere('sha256', kind, id);
  }

  findByUid(kind: string, uid: string): Promise<Payload | undefined> {
    return this.findWhere('uid_sha256', kind, uid);
  }

  /** Whether this call was the first: of many at once, one is. */
  async consume(kind: string, id: string, now: Date): Promise<boolean> {
    const values = [kind, sha256(id), now];
    return (await this.across.query({ text: CONSUME_SQL, values })).length > 0;
  }

  async remove(kind: string, id: string): Promise<void> {
    const text = 'DELETE FROM oauth_record WHERE kind = $1 AND sha256 = $2';
    await this.across.query({ text, values: [kind, sha256(id)] });
  }

  private async findWhere(
    column: 'sha256' | 'uid_sha256',
    kind: string,
    name: string,
  ): Promise<Payload | undefined> {
    const text = `SELECT ${FIND_COLUMNS} FROM oauth_record WHERE kind = $1 AND ${column} = $2`;
    const [row] = await this.across.query<Row>({ text, values: [kind, sha256(name)] });
    return row && { ...row.payload, ...(row.consumedAt && { consumed: unixSeconds(row.consumedAt) }) };
  }
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}
