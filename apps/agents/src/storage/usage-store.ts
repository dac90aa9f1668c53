import { Injectable } from '@nestjs/common';
import type { UsagePeriod } from '../domain/usage-period.js';
import { Database } from './database.js';

/** What calls are added up by. */
const NAMES = {
  day: `to_char(reserved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  agent: 'slug',
  principal: 'principal_id',
  model: 'model',
};
export type UsageGrouping = keyof typeof NAMES;

/** Micros of settled calls, and apart from them what open ones have reserved. */
export interface UsageSums {
  readonly costMicros: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly settledCalls: number;
  readonly openCalls: number;
  readonly openMicros: number;
}

export interface AskedUsage {
  readonly period: UsagePeriod;
  readonly grouping: UsageGrouping;
  readonly principalId?: string | undefined;
}

interface Row extends UsageSums {
  /** Null of the sum of all. */
  readonly name: string | null;
}

// Sums of micros stay far below 2^53: float8 is exact there, and comes as a number.
const sumsBy = (grouping: UsageGrouping) => `
  WITH entry AS (
    SELECT ${NAMES[grouping]} AS name, spent_micros, reserved_micros, prompt_tokens, completion_tokens
    FROM cost_entry WHERE workspace_id = $1
      AND reserved_at >= $2::date::timestamp AT TIME ZONE 'UTC'
      AND reserved_at < ($3::date + 1)::timestamp AT TIME ZONE 'UTC'
      AND ($5::text IS NULL OR principal_id = $5 OR $5 = ANY (maker_ids))
  )
  SELECT CASE WHEN grouping(name) = 0 THEN name END AS name,
    coalesce(sum(spent_micros), 0)::float8 AS "costMicros",
    coalesce(sum(prompt_tokens), 0)::float8 AS "promptTokens",
    coalesce(sum(completion_tokens), 0)::float8 AS "completionTokens",
    count(spent_micros)::float8 AS "settledCalls",
    count(*) FILTER (WHERE spent_micros IS NULL)::float8 AS "openCalls",
    coalesce(sum(reserved_micros) FILTER (WHERE spent_micros IS NULL), 0)::float8 AS "openMicros"
  FROM entry GROUP BY GROUPING SETS ((), (name))
  ORDER BY grouping(name) DESC, ${grouping === 'day' ? 'name' : '"costMicros" DESC, name'}
  LIMIT $4`;

/** Sums over the cost ledger, all of one moment. */
@Injectable()
export class UsageStore {
  constructor(private readonly database: Database) {}

  /**
   * At most `groupsMax` groups, and whether there are more; the total is over all. With a `principalId`, of what that
   * one and all that it made have spent.
   */
  async sums(workspaceId: number, { period, grouping, principalId }: AskedUsage, groupsMax: number) {
    const values = [workspaceId, period.from, period.to, groupsMax + 2, principalId ?? null];
    const rows = await this.database.query<Row>(workspaceId, { text: sumsBy(grouping), values });
    const [total, ...groups] = rows;
    if (!total) throw new Error('a sum gave no row');
    return { total, groups: groups.slice(0, groupsMax), hasMore: groups.length > groupsMax };
  }
}
