import { SecretSeal } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { Queryable } from './database.js';

// The one before signs along until its grace ends, and so do those whose grace runs already.
const END_SQL = `
  UPDATE endpoint_secret SET expires_at = $2 WHERE endpoint_id = $1 AND (expires_at IS NULL OR expires_at > $2)`;
const FORGET_SQL = 'DELETE FROM endpoint_secret WHERE endpoint_id = $1 AND expires_at <= $2';
const INSERT_SQL = `
  INSERT INTO endpoint_secret (endpoint_id, number, workspace_id, sealed_secret, created_at)
  SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4 FROM endpoint_secret WHERE endpoint_id = $1`;

/** Newest first. */
const LIVE_SECRETS_SQL = `
  SELECT sealed_secret AS "sealedSecret" FROM endpoint_secret
  WHERE endpoint_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY number DESC`;

/** What signs an endpoint's deliveries. */
@Injectable()
export class EndpointSecrets {
  constructor(private readonly seal: SecretSeal) {}

  async add(
    transaction: Queryable,
    endpoint: { readonly id: number; readonly workspaceId: number },
    secret: string,
    now: Date,
  ): Promise<void> {
    const sealed = this.seal.seal(`endpoint:${endpoint.id}`, secret);
    await transaction.query({ text: INSERT_SQL, values: [endpoint.id, endpoint.workspaceId, sealed, now] });
  }

  /** A new one beside those that sign until `graceEndsAt`; no grace is longer than it was. */
  async rotate(
    transaction: Queryable,
    endpoint: { readonly id: number; readonly workspaceId: number },
    secret: string,
    { now, graceEndsAt }: { readonly now: Date; readonly graceEndsAt: Date },
  ): Promise<void> {
    await transaction.query({ text: END_SQL, values: [endpoint.id, graceEndsAt] });
    await transaction.query({ text: FORGET_SQL, values: [endpoint.id, now] });
    await this.add(transaction, endpoint, secret, now);
  }

  /** All that sign now, newest first. */
  async live(on: Queryable, endpointId: number, now: Date): Promise<string[]> {
    const rows = await on.query<{ sealedSecret: Buffer }>({
      text: LIVE_SECRETS_SQL,
      values: [endpointId, now],
    });
    return rows.map(({ sealedSecret }) => this.seal.open(`endpoint:${endpointId}`, sealedSecret).toString());
  }
}
