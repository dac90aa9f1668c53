import type { Failure, RunRecord } from '../domain/run.js';
import type { RunEvent } from '../domain/run-event.js';
import type { Queryable } from './database.js';
import { RUN_COLUMNS } from './run-rows.js';

// A later epoch fences whoever still executes it.
const CANCEL_SQL = `
  UPDATE run SET status = 'cancelled', ended_at = $3, outcome = $4, epoch = epoch + 1, sequence = sequence + 1,
    event_id = event_id + 1
  WHERE workspace_id = $1 AND id = ANY($2) AND status = 'running'
  RETURNING ${RUN_COLUMNS}, sequence`;
const CANCELLED_EVENT_SQL = `
  INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
  SELECT $1, id, sequence, event_id, $5, $6
  FROM unnest($2::text[], $3::int4[], $4::int4[]) AS ended (id, sequence, event_id)`;
const CHILDREN_SQL = 'SELECT id FROM run WHERE workspace_id = $1 AND parent_id = ANY($2)';

/** What a cancelled tree is told to have ended by. */
export interface Cancelling {
  readonly event: RunEvent & { readonly kind: 'cancelled' };
  readonly error: Failure;
  /** Where it ended anything: in the same commit. */
  readonly alongside?: (transaction: Queryable) => Promise<void>;
}

/** Somebody asked for it. */
export const CANCELLED_BY_WISH: Cancelling = {
  event: { kind: 'cancelled' },
  error: { code: 'cancelled', message: 'The run was cancelled.' },
};

/**
 * Ends the runs and everything below them, from the top: a run that has ended delegates no more. Returns what ended by
 * this; nothing of what had ended before.
 */
export async function cancelTrees(
  transaction: Queryable,
  workspaceId: number,
  ids: readonly string[],
  now: Date,
  cancelling: Cancelling = CANCELLED_BY_WISH,
): Promise<RunRecord[]> {
  const cancelled: RunRecord[] = [];
  for (let level = [...ids]; level.length > 0; level = await childrenOf(transaction, workspaceId, level)) {
    cancelled.push(...(await cancel(transaction, workspaceId, level, now, cancelling)));
  }
  return cancelled;
}

async function cancel(
  transaction: Queryable,
  workspaceId: number,
  ids: string[],
  now: Date,
  { event, error }: Cancelling,
): Promise<RunRecord[]> {
  const ended = await transaction.query<RunRecord & { sequence: number }>({
    text: CANCEL_SQL,
    values: [workspaceId, ids, now, JSON.stringify({ error })],
  });
  await transaction.query({
    text: CANCELLED_EVENT_SQL,
    values: [
      ...[workspaceId, ended.map((run) => run.id), ended.map(({ sequence }) => sequence)],
      ...[ended.map(({ eventId }) => eventId), JSON.stringify(event), now],
    ],
  });
  return ended;
}

async function childrenOf(transaction: Queryable, workspaceId: number, parents: string[]): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>({
    text: CHILDREN_SQL,
    values: [workspaceId, parents],
  });
  return rows.map(({ id }) => id);
}
