import { Injectable } from '@nestjs/common';
import type { Allowance } from '../domain/plans.js';
import { Database, type Queryable } from './database.js';

// The row is the lock: of any number of callers at once, those pass that fit, and the others find no row.
const ADD_SQL = `
  INSERT INTO feature_usage AS kept (workspace_id, feature, period, used)
  SELECT $1, $2, $3, $4::int8 WHERE $5::int8 IS NULL OR $4::int8 <= $5::int8
  ON CONFLICT (workspace_id, feature, period) DO UPDATE SET used = kept.used + excluded.used
    WHERE $5::int8 IS NULL OR kept.used + excluded.used <= $5::int8
  RETURNING used`;

const NOTE_SQL = `
  INSERT INTO usage_note (workspace_id, feature, quantity, metadata, recorded_at) VALUES ($1, $2, $3, $4, $5)`;

const FIND_SQL = `
  SELECT u.feature, u.used FROM feature_usage u
  JOIN unnest($2::text[], $3::text[]) AS asked (feature, period)
    ON u.feature = asked.feature AND u.period = asked.period
  WHERE u.workspace_id = $1`;

@Injectable()
export class UsageStore {
  constructor(private readonly database: Database) {}

  /** What is used now, or undefined when the quantity does not fit any more. */
  async add(
    transaction: Queryable,
    workspaceId: number,
    { feature, period, limit }: Allowance,
    quantity: number,
  ): Promise<number | undefined> {
    const values = [workspaceId, feature, period, quantity, limit];
    const [row] = await transaction.query<{ used: string }>({ name: 'add-usage', text: ADD_SQL, values });
    return row && Number(row.used);
  }

  async note(
    transaction: Queryable,
    use: { workspaceId: number; feature: string; quantity: number; metadata: object },
    now: Date,
  ): Promise<void> {
    const values = [use.workspaceId, use.feature, use.quantity, JSON.stringify(use.metadata), now];
    await transaction.query({ text: NOTE_SQL, values });
  }

  /** By feature, each in its present period; a feature that was not used has no entry. */
  async used(workspaceId: number, allowances: readonly Allowance[]): Promise<ReadonlyMap<string, number>> {
    const features = allowances.map(({ feature }) => feature);
    const periods = allowances.map(({ period }) => period);
    const values = [workspaceId, features, periods];
    const reads = this.database.readsIn({ workspaceId });
    const rows = await reads.query<{ feature: string; used: string }>({ text: FIND_SQL, values });
    return new Map(rows.map(({ feature, used }) => [feature, Number(used)]));
  }
}
