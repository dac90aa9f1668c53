import { Injectable } from '@nestjs/common';
import type { Run } from '../domain/run.js';
import type { Usage } from '../domain/run-event.js';
import { Database } from './database.js';
import type { Lease } from './run-log.js';

export interface Reservation {
  readonly call: number;
  readonly model: string;
  readonly priceVersion: string;
  readonly micros: number;
}

// Sub-runs of one tree reserve one after the other, so that no two of them fit into the same rest.
const LOCK_SQL = 'SELECT id FROM run WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE';

// The same call reserves once, however often it is begun.
const RESERVE_SQL = `
  INSERT INTO cost_entry (workspace_id, run_id, call, root_id, slug, principal_id, model, price_version,
    reserved_micros, reserved_at)
  SELECT $1::int4, $2::text, $3::int4, $4::text, $5, $6, $7, $8, $9::int8, $10::timestamptz
  WHERE $9::int8 + (SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0) FROM cost_entry
              WHERE workspace_id = $1 AND root_id = $4) <= $11::int8
    AND $9::int8 + (SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0) FROM cost_entry
              WHERE workspace_id = $1 AND run_id = $2) <= $12::int8
  ON CONFLICT (workspace_id, run_id, call) DO NOTHING
  RETURNING call`;
const FIND_SQL = 'SELECT call FROM cost_entry WHERE workspace_id = $1 AND run_id = $2 AND call = $3';

// Of a call that another process makes again, that process settles the cost.
const SETTLE_SQL = `
  UPDATE cost_entry SET spent_micros = least($4, reserved_micros), prompt_tokens = $5, completion_tokens = $6,
    settled_at = $7
  WHERE workspace_id = $1 AND run_id = $2 AND call = $3 AND spent_micros IS NULL AND EXISTS (
    SELECT FROM run WHERE workspace_id = $1 AND id = $2 AND (epoch = $8 OR status <> 'running'))`;

/** What model calls cost, in whole millionths of a US dollar, noted before each call. */
@Injectable()
export class CostLedger {
  constructor(private readonly database: Database) {}

  /** False when the call does not fit the budget of the run or of its tree any more. */
  reserve(run: Run, treeMicrosMax: number, reservation: Reservation, now: Date): Promise<boolean> {
    const { workspaceId, id, rootId, definition, caller, grant } = run;
    const { call, model, priceVersion, micros } = reservation;
    return this.database.transactionAcross(async (transaction) => {
      const key = [workspaceId, id, call];
      if ((await transaction.query({ text: FIND_SQL, values: key })).length > 0) return true;
      await transaction.query({ text: LOCK_SQL, values: [workspaceId, rootId] });
      const entry = [rootId, definition.slug, caller.principalId, model, priceVersion, micros, now];
      const values = [...key, ...entry, treeMicrosMax, grant.microsMax];
      return (await transaction.query({ text: RESERVE_SQL, values })).length > 0;
    });
  }

  /** A call that broke off: what was heard of it is paid. */
  async settleUnanswered(
    { run, epoch }: Lease,
    call: number,
    { usage, micros }: { usage: Usage; micros: number },
    now: Date,
  ): Promise<void> {
    const spent = [micros, usage.promptTokens, usage.completionTokens, now];
    const values = [run.workspaceId, run.id, call, ...spent, epoch];
    await this.database.across.query({ text: SETTLE_SQL, values });
  }
}
