import { Injectable } from '@nestjs/common';
import { Database } from './database.js';
import type { Lease, Settlement } from './lease.js';

// Of a call that another process makes again, that process settles the cost.
const SETTLE_SQL = `
  UPDATE cost_entry SET spent_micros = least($4, reserved_micros), prompt_tokens = $5, completion_tokens = $6,
    settled_at = $7
  WHERE workspace_id = $1 AND run_id = $2 AND call = $3 AND spent_micros IS NULL AND EXISTS (
    SELECT FROM run WHERE workspace_id = $1 AND id = $2 AND (epoch = $8 OR status <> 'running'))
  RETURNING call`;

/** What model calls cost, in whole millionths of a US dollar, noted before each call. */
@Injectable()
export class CostLedger {
  constructor(private readonly database: Database) {}

  /** A call that broke off: what was heard of it is paid. False where it is settled, or another process's to settle. */
  async settleUnanswered(
    { run, epoch }: Lease,
    { call, usage, micros }: Settlement,
    now: Date,
  ): Promise<boolean> {
    const spent = [micros, usage.promptTokens, usage.completionTokens, now];
    const values = [run.workspaceId, run.id, call, ...spent, epoch];
    return (await this.database.across.query({ text: SETTLE_SQL, values })).length > 0;
  }
}
