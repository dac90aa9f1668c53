import { booleanColumn, GivenRows, integerColumn, type RowsText } from '@magistry/persistence';
import { logNameOf, type Run } from '../../domain/run.js';
import type { Queryable } from '../database.js';
import type { Append } from './appends.js';

/** Where a transaction keeps the trees that it took, so that an append goes by them that is sent along. */
const SETTING = 'magistry.reserving_trees';
const IS_LIMITED = 'limited';

/** SQL: whether an append of this tree, or of none, may be made. One outside of such a transaction has no tree. */
export const mayAppend = (tree: string): string => `
  current_setting('${SETTING}', true) IS DISTINCT FROM '${IS_LIMITED}'
  AND (${tree} IS NULL OR ${tree} = ANY (string_to_array(current_setting('${SETTING}', true), ',')))`;

/** The tree that the append reserves in; null where it reserves nothing. */
export function treeOf({ lease: { run }, addition }: Append): string | null {
  return addition.reserved ? logNameOf({ ...run, id: run.rootId }) : null;
}

const ROOTS = new GivenRows<Run>(3, [
  ['workspace_id', 'int4', ({ workspaceId }) => workspaceId],
  ['id', 'text', ({ rootId }) => rootId],
]);

// Reservations of one tree come one after the other, each seeing what the one before left. Plans go by key, whatever
// size the tables had when they were made.
const lockTreesSql = (rows: RowsText) => `
  WITH plans AS MATERIALIZED (
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), enter_cost_ledgers($1::int4[]) AS limited
  ), ledgers AS MATERIALIZED (
    SELECT limited, ($2::bool[])[1] AND cardinality(limited) > 0 AS is_withheld FROM plans
  ), taken AS MATERIALIZED (
    SELECT workspace_id, id FROM ledgers CROSS JOIN (${rows(ROOTS)}) root JOIN run USING (workspace_id, id)
    WHERE NOT is_withheld FOR NO KEY UPDATE OF run SKIP LOCKED)
  SELECT limited, set_config('${SETTING}', CASE WHEN is_withheld THEN '${IS_LIMITED}'
    ELSE coalesce((SELECT string_agg(workspace_id || '.' || id, ',') FROM taken), '') END, true) AS trees
  FROM ledgers`;

const LOCK_TREE = { name: 'lock-tree', text: lockTreesSql(({ one }) => one) };
const LOCK_TREES = { name: 'lock-trees', text: lockTreesSql(({ many }) => many) };

export interface LockedTrees {
  /** Log names of their roots. */
  readonly trees: ReadonlySet<string>;
  /** Those of the workspaces that limit what they spend: no limit is set or lifted until the transaction ends. */
  readonly limited: readonly number[];
}

/**
 * Takes the trees that reservations are made in, within the transaction that makes them. Returns those it got;
 * `unless-limited`: none where a workspace has a limit, and then nothing can be appended either.
 */
export async function lockTrees(
  transaction: Queryable,
  appends: readonly Append[],
  which: 'also-limited' | 'unless-limited',
): Promise<LockedTrees> {
  const runs = appends.filter(({ addition }) => addition.reserved).map(({ lease }) => lease.run);
  const workspaces = integerColumn(appends.map(({ lease }) => lease.run.workspaceId));
  const [locked] = await transaction.query<{ limited: number[]; trees: string }>({
    ...(runs.length === 1 ? LOCK_TREE : LOCK_TREES),
    values: [workspaces, booleanColumn([which === 'unless-limited']), ...ROOTS.values(runs)],
  });
  return { trees: new Set(locked?.trees.split(',')), limited: locked?.limited ?? [] };
}
