import { Injectable } from '@nestjs/common';
import type { ServiceCredential } from '../domain/service-credential.js';
import { Database, type Queryable } from './database.js';

/** What is stored of a key when it is made. */
export interface NewServiceKey {
  readonly kid: string;
  readonly publicJwk: object;
  readonly sealedPrivateJwk: Buffer;
}

/** A credential with the key that signs now. */
export interface SigningCredential extends ServiceCredential {
  readonly makerIds: readonly string[];
  readonly sealedPrivateJwk: Buffer;
}

export interface NewServiceCredential extends Pick<ServiceCredential, 'id' | 'name' | 'scopes'> {
  readonly workspaceId: number;
  readonly makerIds: readonly string[];
}

const SELECT = `c.id, c.name, c.scopes, c.created_at AS "createdAt", k.kid`;
const LIVE = `service_credential c
  JOIN service_credential_key k ON k.service_credential_id = c.id AND k.retires_at IS NULL
  WHERE c.workspace_id = $1 AND c.revoked_at IS NULL`;

const LIST_SQL = `SELECT ${SELECT} FROM ${LIVE} AND c.id > $2 ORDER BY c.id LIMIT $3`;
const LOCK_SQL = `
  SELECT ${SELECT}, c.maker_ids AS "makerIds", k.sealed_private_jwk AS "sealedPrivateJwk"
  FROM ${LIVE} AND c.id = $2 FOR UPDATE OF c`;
const WORKSPACE_SQL = 'SELECT id FROM workspace WHERE id = $1 AND deleted_at IS NULL FOR SHARE';
const INSERT_SQL = `
  INSERT INTO service_credential (id, workspace_id, name, scopes, maker_ids, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const INSERT_KEY_SQL = `
  INSERT INTO service_credential_key
    (kid, service_credential_id, workspace_id, public_jwk, sealed_private_jwk, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;
// A key whose grace runs already keeps the nearer end.
const RETIRE_SQL = `
  UPDATE service_credential_key SET retires_at = least(coalesce(retires_at, $2), $2)
  WHERE service_credential_id = $1 AND (retires_at IS NULL OR retires_at > $2)`;
const REVOKE_SQL = 'UPDATE service_credential SET revoked_at = $2 WHERE id = $1';

/** The service credentials of one workspace. */
@Injectable()
export class ServiceCredentialRecords {
  constructor(private readonly database: Database) {}

  /** Those behind `afterId`, in order of id, which is that of their making. */
  list(workspaceId: number, afterId: string, limit: number): Promise<ServiceCredential[]> {
    const values = [workspaceId, afterId, limit];
    return this.database.readsIn({ workspaceId }).query<ServiceCredential>({ text: LIST_SQL, values });
  }

  /** Holds every other change of it back until the transaction ends. */
  async lock(
    transaction: Queryable,
    workspaceId: number,
    id: string,
  ): Promise<SigningCredential | undefined> {
    const values = [workspaceId, id];
    const [found] = await transaction.query<SigningCredential>({ text: LOCK_SQL, values });
    return found;
  }

  /** False when the workspace is gone. */
  async insert(
    transaction: Queryable,
    { id, workspaceId, name, scopes, makerIds }: NewServiceCredential,
    now: Date,
  ): Promise<boolean> {
    const living = await transaction.query({ text: WORKSPACE_SQL, values: [workspaceId] });
    if (living.length === 0) return false;
    await transaction.query({ text: INSERT_SQL, values: [id, workspaceId, name, scopes, makerIds, now] });
    return true;
  }

  async insertKey(
    transaction: Queryable,
    owner: { readonly workspaceId: number; readonly serviceCredentialId: string },
    key: NewServiceKey,
    now: Date,
  ): Promise<void> {
    const { kid, publicJwk, sealedPrivateJwk } = key;
    const values = [kid, owner.serviceCredentialId, owner.workspaceId, publicJwk, sealedPrivateJwk, now];
    await transaction.query({ text: INSERT_KEY_SQL, values });
  }

  /** From `retiresAt` on nothing counts that a key of it signed so far. */
  async retireKeys(transaction: Queryable, id: string, retiresAt: Date): Promise<void> {
    await transaction.query({ text: RETIRE_SQL, values: [id, retiresAt] });
  }

  async revoke(transaction: Queryable, id: string, now: Date): Promise<void> {
    await transaction.query({ text: REVOKE_SQL, values: [id, now] });
  }
}
