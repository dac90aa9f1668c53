import { type CostLimit, refusingLimits, subjectsOf } from '../../domain/cost-limits.js';
import { COST_LIMIT_COLUMNS } from '../cost-limit-store.js';
import type { Queryable } from '../database.js';
import type { Append } from './appends.js';

// Held in the order in which everybody takes them, together with those that settlements of the same commit change.
const HOLD_SQL = `
  SELECT ${COST_LIMIT_COLUMNS} FROM cost_limit
  WHERE workspace_id = ANY ($1) AND (principal_id IS NULL OR principal_id = ANY ($2))
  ORDER BY workspace_id, id FOR UPDATE`;

const RESERVED_SQL = `
  SELECT place::int4 FROM unnest($1::int4[], $2::text[], $3::int4[]) WITH ORDINALITY
    AS asked (workspace_id, run_id, call, place) JOIN cost_entry USING (workspace_id, run_id, call)`;

/**
 * Those of the appends whose reservation does not fit a limit of their workspace or subjects any more, each with that
 * limit. Limits are held until the transaction ends; `limited` are the workspaces that have any.
 */
export async function refusedByLimits(
  transaction: Queryable,
  appends: readonly Append[],
  limited: readonly number[],
): Promise<ReadonlyMap<Append, CostLimit>> {
  const concerned = appends.filter(({ lease, addition }) => {
    return limited.includes(lease.run.workspaceId) && (addition.reserved ?? addition.settled);
  });
  if (concerned.length === 0) return new Map();
  const workspaces = concerned.map(({ lease }) => lease.run.workspaceId);
  const subjects = concerned.flatMap(({ lease }) => subjectsOf(lease.run.caller));
  const limits = await transaction.query<CostLimit>({ text: HOLD_SQL, values: [workspaces, subjects] });
  const fresh = await withoutReserved(transaction, concerned);
  const refusing = refusingLimits(
    limits,
    fresh.map(({ lease: { run }, addition: { reserved }, recordedAt }) => ({
      ...{ workspaceId: run.workspaceId, spender: run.caller },
      ...{ micros: reserved?.micros ?? 0, at: recordedAt },
    })),
  );
  return new Map(
    fresh.flatMap((append, index): [Append, CostLimit][] => {
      const limit = refusing[index];
      return limit ? [[append, limit]] : [];
    }),
  );
}

/** A call that is made again after a crash has its reservation already. */
async function withoutReserved(transaction: Queryable, appends: readonly Append[]): Promise<Append[]> {
  const asked = appends.filter(({ addition }) => addition.reserved);
  const values = [
    asked.map(({ lease }) => lease.run.workspaceId),
    asked.map(({ lease }) => lease.run.id),
    asked.map(({ addition }) => addition.reserved?.call),
  ];
  const rows = await transaction.query<{ place: number }>({ text: RESERVED_SQL, values });
  const reserved = new Set(rows.map(({ place }) => place));
  return asked.filter((_, index) => !reserved.has(index + 1));
}
