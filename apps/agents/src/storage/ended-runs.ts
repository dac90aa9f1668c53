import { Injectable } from '@nestjs/common';
import type { RunRecord } from '../domain/run.js';
import { Database } from './database.js';
import { RUN_COLUMNS } from './run-rows.js';

/** A model call as the cost ledger has it; micros are millionths of a US dollar. */
export interface LedgerLine {
  readonly call: number;
  readonly model: string;
  readonly priceVersion: string;
  readonly reservedMicros: number;
  readonly spentMicros: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly reservedAt: Date;
  readonly settledAt: Date | null;
}

/** Behind which run a page begins. */
export interface EndedPlace {
  readonly endedAt: Date;
  readonly id: string;
}

// A call that broke off with its run is settled soon after it, one whose process died by `AbandonedCalls`. A run whose
// call nobody has settled for long all the same is told with the reservation.
const NEXT_SQL = `
  SELECT ${RUN_COLUMNS} FROM run
  WHERE status <> 'running' AND kind <> 'message' AND (ended_at, id) > ($1, $2)
    AND caller -> 'workspace' ->> 'slug' = $3
    AND (ended_at < $5 OR NOT EXISTS (SELECT FROM cost_entry c
      WHERE c.workspace_id = run.workspace_id AND c.run_id = run.id AND c.settled_at IS NULL))
  ORDER BY ended_at, id LIMIT $4`;

const LEDGER_SQL = `
  SELECT call, model, price_version AS "priceVersion", reserved_micros::float8 AS "reservedMicros",
    spent_micros::float8 AS "spentMicros", prompt_tokens AS "promptTokens",
    completion_tokens AS "completionTokens", reserved_at AS "reservedAt", settled_at AS "settledAt"
  FROM cost_entry WHERE workspace_id = $1 AND run_id = $2 ORDER BY call`;

/** Runs that have ended, in the order in which they did. */
@Injectable()
export class EndedRuns {
  constructor(private readonly database: Database) {}

  /** Of the workspace with this slug, at most `limit`. What ended after `settledBy` has its costs settled. */
  next(workspace: string, { endedAt, id }: EndedPlace, settledBy: Date, limit: number): Promise<RunRecord[]> {
    const query = { text: NEXT_SQL, values: [endedAt, id, workspace, limit, settledBy] };
    return this.database.across.query<RunRecord>(query);
  }

  ledger({ workspaceId, id }: Pick<RunRecord, 'workspaceId' | 'id'>): Promise<LedgerLine[]> {
    return this.database.across.query<LedgerLine>({ text: LEDGER_SQL, values: [workspaceId, id] });
  }
}
