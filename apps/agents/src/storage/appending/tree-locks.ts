import { GivenRows, integerColumn, type RowsText } from '@magistry/persistence';
import { logNameOf, type Run } from '../../domain/run.js';
import type { Queryable } from '../database.js';
import type { Append } from './appends.js';

const ROOTS = new GivenRows<Run>(2, [
  ['workspace_id', 'int4', ({ workspaceId }) => workspaceId],
  ['id', 'text', ({ rootId }) => rootId],
]);

// Reservations of one tree come one after the other, each seeing what the one before left. Plans go by key, whatever
// size the tables had when they were made.
const lockRootsSql = (rows: RowsText) => `
  WITH plans AS MATERIALIZED (
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), enter_cost_ledgers($1::int4[]) AS limited)
  SELECT workspace_id AS "workspaceId", id, limited
  FROM plans CROSS JOIN (${rows(ROOTS)}) root JOIN run USING (workspace_id, id)
  FOR NO KEY UPDATE OF run SKIP LOCKED`;

const LOCK_ROOT = { name: 'lock-root', text: lockRootsSql(({ one }) => one) };
const LOCK_ROOTS = { name: 'lock-roots', text: lockRootsSql(({ many }) => many) };

export interface LockedTrees {
  /** Log names of their roots. */
  readonly trees: ReadonlySet<string>;
  /** Those of the workspaces that limit what they spend: no limit is set or lifted until the transaction ends. */
  readonly limited: readonly number[];
}

/** Takes the trees that reservations are made in, within the transaction that makes them. Returns those it got. */
export async function lockRoots(transaction: Queryable, appends: readonly Append[]): Promise<LockedTrees> {
  const runs = appends.filter(({ addition }) => addition.reserved).map(({ lease }) => lease.run);
  const values = [integerColumn(appends.map(({ lease }) => lease.run.workspaceId)), ...ROOTS.values(runs)];
  const locked = await transaction.query<Pick<Run, 'workspaceId' | 'id'> & { limited: number[] }>({
    ...(runs.length === 1 ? LOCK_ROOT : LOCK_ROOTS),
    values,
  });
  return { trees: new Set(locked.map(logNameOf)), limited: locked[0]?.limited ?? [] };
}
