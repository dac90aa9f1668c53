import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Payload } from './oauth-record-store.js';

/** An application as it was registered. */
export interface RegisteredClient {
  readonly clientId: string;
  readonly workspaceId: number;
  /** The principal that registered it. */
  readonly registeredBy: string;
  /** Principals that stand behind it; none where the platform registered it. */
  readonly makerIds?: readonly string[] | undefined;
  /** RFC 7591, without the secret. */
  readonly metadata: Payload;
  readonly secretSha256: Buffer | null;
}

const CREATE_SQL = `
  INSERT INTO oauth_client (client_id, workspace_id, registered_by, metadata, secret_sha256, created_at, maker_ids)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (client_id) DO UPDATE
    SET metadata = EXCLUDED.metadata, secret_sha256 = EXCLUDED.secret_sha256
    WHERE oauth_client.registered_by = EXCLUDED.registered_by
  RETURNING client_id`;

const FIND_SQL = `
  SELECT c.client_id AS "clientId", c.workspace_id AS "workspaceId", c.registered_by AS "registeredBy",
    c.metadata, c.secret_sha256 AS "secretSha256"
  FROM oauth_client c
  JOIN workspace w ON w.id = c.workspace_id AND w.deleted_at IS NULL
  LEFT JOIN partner p ON c.registered_by = 'partner:' || p.slug
  WHERE c.client_id = $1 AND c.removed_at IS NULL AND coalesce(p.status, 'approved') = 'approved'`;

/** Applications. One of a suspended partner, or of a deleted workspace, is not there. */
@Injectable()
export class OAuthClientStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Written again by whoever registered it: then with the new settings. Whether it is not somebody else's. */
  async save(client: RegisteredClient, now: Date): Promise<boolean> {
    const { clientId, workspaceId, registeredBy, makerIds = [], metadata, secretSha256 } = client;
    const values = [
      clientId,
      workspaceId,
      registeredBy,
      JSON.stringify(metadata),
      secretSha256,
      now,
      makerIds,
    ];
    return (await this.across.query({ text: CREATE_SQL, values })).length > 0;
  }

  async find(clientId: string): Promise<RegisteredClient | undefined> {
    const statement = { name: 'find-oauth-client', text: FIND_SQL, values: [clientId] };
    const [client] = await this.across.query<RegisteredClient>(statement);
    return client;
  }
}
