import type { Run, RunCaller } from '../domain/run.js';
import type { Database, Queryable } from './database.js';

type MessageKey = Pick<Run, 'workspaceId' | 'id'>;

/** A message that is kept and not paid for. */
export interface OwingMessage extends MessageKey {
  readonly caller: RunCaller;
}

const SETTLE_SQL = `UPDATE run SET credit = $3 WHERE workspace_id = $1 AND id = $2 AND credit = 'due'`;

// Its key is free again: a retry may find that there are credits by then.
const REFUSE_SQL = `
  WITH refused AS (
    UPDATE run SET credit = 'refused', key_hmac = NULL WHERE workspace_id = $1 AND id = $2 AND credit = 'due'
    RETURNING created_at
  )
  UPDATE integration_credit SET used = used - 1 FROM refused
  WHERE workspace_id = $1 AND integration_id = $3 AND day = (refused.created_at AT TIME ZONE 'UTC')::date AND used > 0`;

const OWING_SQL = `SELECT workspace_id AS "workspaceId", id, caller FROM run
  WHERE credit = 'due' AND created_at < $1 ORDER BY created_at LIMIT $2`;

/** Which messages are paid for. */
export class CreditStore {
  constructor(private readonly database: Database) {}

  async settle({ workspaceId, id }: MessageKey, as: 'charged' | 'waived'): Promise<void> {
    await this.database.across.query({ text: SETTLE_SQL, values: [workspaceId, id, as] });
  }

  /** Within the transaction that ends it. Gives back what its integration's own limit has counted for it. */
  async refuse(
    transaction: Queryable,
    { workspaceId, id }: MessageKey,
    integrationId: number | undefined,
  ): Promise<void> {
    await transaction.query({ text: REFUSE_SQL, values: [workspaceId, id, integrationId ?? null] });
  }

  owing(before: Date, limit: number): Promise<OwingMessage[]> {
    return this.database.across.query<OwingMessage>({ text: OWING_SQL, values: [before, limit] });
  }
}
