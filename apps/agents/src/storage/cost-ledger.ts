import { Injectable } from '@nestjs/common';
import { Database } from './database.js';
import type { Lease, Settlement } from './lease.js';

// Of a call that another process makes again, that process settles the cost.
const SETTLE_SQL = `
  UPDATE cost_entry SET spent_micros = least($4, reserved_micros), prompt_tokens = $5, completion_tokens = $6,
    settled_at = $7
  WHERE workspace_id = $1 AND run_id = $2 AND call = $3 AND spent_micros IS NULL AND EXISTS (
    SELECT FROM run WHERE workspace_id = $1 AND id = $2 AND (epoch = $8 OR status <> 'running'))`;

// What a limit counts for the call stays the same by this.
const SETTLE_ABANDONED_SQL = `
  UPDATE cost_entry c SET spent_micros = c.reserved_micros, settled_at = $3 FROM run
  WHERE c.reserved_at >= $1 AND c.spent_micros IS NULL
    AND run.workspace_id = c.workspace_id AND run.id = c.run_id AND run.ended_at < $2
  RETURNING c.spent_micros::float8 AS micros`;

/** What model calls cost, in whole millionths of a US dollar, noted before each call. */
@Injectable()
export class CostLedger {
  constructor(private readonly database: Database) {}

  /** A call that broke off: what was heard of it is paid. */
  async settleUnanswered(
    { run, epoch }: Lease,
    { call, usage, micros }: Settlement,
    now: Date,
  ): Promise<void> {
    const spent = [micros, usage.promptTokens, usage.completionTokens, now];
    const values = [run.workspaceId, run.id, call, ...spent, epoch];
    await this.database.across.query({ text: SETTLE_SQL, values });
  }

  /**
   * Calls, reserved since a moment, of runs that ended before another and whose processes have not settled them: these
   * are dead, and nobody will tell what was heard. All that was reserved is spent. Returns the micros of each.
   */
  async settleAbandoned(reservedSince: Date, endedBefore: Date, now: Date): Promise<number[]> {
    const query = { text: SETTLE_ABANDONED_SQL, values: [reservedSince, endedBefore, now] };
    const settled = await this.database.across.query<{ micros: number }>(query);
    return settled.map(({ micros }) => micros);
  }
}
