import { Injectable } from '@nestjs/common';
import type { LiveWorkspace } from '../domain/workspace.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import { isOpen, isSandbox } from './open-workspaces.js';

/** What a token is verified by, and whom it stands for. */
export interface PublishedKey {
  readonly publicJwk: object;
  readonly serviceCredentialId: string;
  readonly scopes: string[];
  readonly retiresAt: Date | null;
  readonly workspace: LiveWorkspace;
}

const COUNTING = `service_credential_key k
  JOIN service_credential c ON c.id = k.service_credential_id AND c.revoked_at IS NULL
  JOIN workspace w ON w.id = c.workspace_id AND ${isOpen('w')}
  WHERE (k.retires_at IS NULL OR k.retires_at > $1)`;

const FIND_SQL = `
  SELECT k.public_jwk AS "publicJwk", c.id AS "serviceCredentialId", c.scopes, k.retires_at AS "retiresAt",
    json_build_object('id', w.id, 'slug', w.slug, 'tier', w.tier, 'isSandbox', ${isSandbox('w')}) AS workspace
  FROM ${COUNTING} AND k.kid = $2`;

const LIST_SQL = `SELECT k.public_jwk AS "publicJwk" FROM ${COUNTING} ORDER BY k.created_at, k.kid`;

/** Public keys of every workspace's service credentials, as far as what they signed counts. */
@Injectable()
export class ServiceKeyStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async find(kid: string, now: Date): Promise<PublishedKey | undefined> {
    const query = { name: 'find-service-key', text: FIND_SQL, values: [now, kid] };
    const [key] = await this.across.query<PublishedKey>(query);
    return key;
  }

  async list(now: Date): Promise<object[]> {
    const keys = await this.across.query<{ publicJwk: object }>({ text: LIST_SQL, values: [now] });
    return keys.map(({ publicJwk }) => publicJwk);
  }
}
