import { Injectable } from '@nestjs/common';
import {
  type CostLimit,
  isUsedUp,
  type LimitPeriod,
  type Spender,
  subjectsOf,
} from '../domain/cost-limits.js';
import { Database, type Queryable } from './database.js';

/** What is set of a limit; what is used of it, the ledger says. */
export interface WantedLimit {
  readonly principalId: string | null;
  readonly period: LimitPeriod;
  readonly microsMax: number;
}

/** A limit as it is now, and what it was before: null where there was none. */
export interface SetLimit {
  readonly limit: CostLimit;
  readonly microsBefore: number | null;
}

interface Known {
  readonly others: number;
  readonly microsBefore: number | null;
}

// Micros stay far below 2^53: float8 is exact there, and comes as a number.
export const COST_LIMIT_COLUMNS = `workspace_id AS "workspaceId", id, principal_id AS "principalId", period,
  micros_max::float8 AS "microsMax", period_start::text AS "periodStart", used_micros::float8 AS "usedMicros"`;

const ALONE_SQL = 'SELECT enter_cost_ledger_alone($1)';
const KNOWN_SQL = `
  SELECT count(*) FILTER (WHERE (principal_id, period) IS DISTINCT FROM ($2, $3))::int4 AS others,
    max(micros_max) FILTER (WHERE (principal_id, period) IS NOT DISTINCT FROM ($2, $3))::float8 AS "microsBefore"
  FROM cost_limit WHERE workspace_id = $1`;

// Counted anew from the ledger, each time.
const SET_SQL = `
  INSERT INTO cost_limit (workspace_id, principal_id, period, micros_max, changed_at, period_start, used_micros)
  SELECT $1, $2, $3, $4, $5, start, (
    SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0) FROM cost_entry
    WHERE workspace_id = $1 AND reserved_at >= start::timestamp AT TIME ZONE 'UTC'
      AND ($2::text IS NULL OR principal_id = $2 OR $2 = ANY (maker_ids)))
  FROM (SELECT period_start($3, $5) AS start) period
  ON CONFLICT ON CONSTRAINT cost_limit_subject_key DO UPDATE SET micros_max = excluded.micros_max,
    changed_at = excluded.changed_at, period_start = excluded.period_start, used_micros = excluded.used_micros
  RETURNING ${COST_LIMIT_COLUMNS}`;

const LIST_SQL = `SELECT ${COST_LIMIT_COLUMNS} FROM cost_limit WHERE workspace_id = $1 ORDER BY id`;
const DELETE_SQL = `DELETE FROM cost_limit WHERE workspace_id = $1 AND id = $2 RETURNING ${COST_LIMIT_COLUMNS}`;
const OF_SPENDER_SQL = `SELECT ${COST_LIMIT_COLUMNS} FROM cost_limit
  WHERE workspace_id = $1 AND (principal_id IS NULL OR principal_id = ANY ($2)) ORDER BY id`;

/** Limits of what a workspace and its principals may spend. */
@Injectable()
export class CostLimitStore {
  constructor(private readonly database: Database) {}

  list(workspaceId: number): Promise<CostLimit[]> {
    return this.database.query<CostLimit>(workspaceId, { text: LIST_SQL, values: [workspaceId] });
  }

  /** Within the caller's transaction. Undefined where the workspace has `limitsMax` others already. */
  async set(
    transaction: Queryable,
    workspaceId: number,
    { principalId, period, microsMax }: WantedLimit,
    limitsMax: number,
    now: Date,
  ): Promise<SetLimit | undefined> {
    await transaction.query({ text: ALONE_SQL, values: [workspaceId] });
    const subject = [workspaceId, principalId, period];
    const [known] = await transaction.query<Known>({ text: KNOWN_SQL, values: subject });
    if (!known || known.others >= limitsMax) return undefined;
    const values = [...subject, microsMax, now];
    const [limit] = await transaction.query<CostLimit>({ text: SET_SQL, values });
    return limit && { limit, microsBefore: known.microsBefore };
  }

  /** Within the caller's transaction: the limit as it was, or undefined when there is no such one. */
  async delete(transaction: Queryable, workspaceId: number, id: number): Promise<CostLimit | undefined> {
    return (await transaction.query<CostLimit>({ text: DELETE_SQL, values: [workspaceId, id] }))[0];
  }

  /** A limit under which the spender can make no call at all, if there is one. */
  async findUsedUp(
    transaction: Queryable,
    workspaceId: number,
    spender: Spender,
    now: Date,
  ): Promise<CostLimit | undefined> {
    const values = [workspaceId, subjectsOf(spender)];
    const limits = await transaction.query<CostLimit>({ name: 'limits-of', text: OF_SPENDER_SQL, values });
    return limits.find((limit) => isUsedUp(limit, now));
  }
}
