import { GatheredReads } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { Failure, RunKind, RunRecord } from '../domain/run.js';
import { isShown, type KeptEvent, type RunEvent } from '../domain/run-event.js';
import { Database, type Queryable } from './database.js';
import { insertRun, type NewRun, RUN_COLUMNS } from './run-rows.js';

const FIND_SQL = `SELECT ${RUN_COLUMNS} FROM run WHERE workspace_id = $1 AND id = ANY($2)`;

const FIND_KEYED_SQL = `SELECT ${RUN_COLUMNS}, fingerprint FROM run
  WHERE workspace_id = $1 AND principal_id = $2 AND key_hmac = $3`;

// A key is free again a day after its answer was complete.
const FREE_KEY_SQL = `UPDATE run SET key_hmac = NULL WHERE workspace_id = $1 AND principal_id = $2
  AND key_hmac = $3 AND status <> 'running' AND ended_at < $4`;

// What was refused for want of credits never began.
const LIST_SQL = `SELECT ${RUN_COLUMNS} FROM run WHERE workspace_id = $1 AND kind = $2
  AND credit IS DISTINCT FROM 'refused'
  AND ($3::text IS NULL OR session_owner = $3) AND ($4::text IS NULL OR session_id = $4)
  ORDER BY created_at DESC, turn DESC NULLS LAST, id DESC LIMIT $5`;

// One snapshot: a log that has ended is told so together with its last event.
const EVENTS_SQL = `
  SELECT ${RUN_COLUMNS}, ARRAY(
    SELECT json_build_object('eventId', e.event_id, 'event', e.event, 'at', e.recorded_at)
    FROM run_event e
    WHERE e.workspace_id = run.workspace_id AND e.run_id = run.id AND e.event_id > $3
    ORDER BY e.event_id LIMIT $4) AS events
  FROM run WHERE workspace_id = $1 AND id = $2`;

const COSTS_SQL = `
  SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)::int8 AS "treeMicros",
    coalesce(sum(coalesce(spent_micros, reserved_micros)) FILTER (WHERE run_id = $2), 0)::int8 AS micros,
    coalesce(sum(prompt_tokens) FILTER (WHERE run_id = $2), 0)::int4 AS "promptTokens",
    coalesce(sum(completion_tokens) FILTER (WHERE run_id = $2), 0)::int4 AS "completionTokens",
    count(*) FILTER (WHERE run_id = $2)::int4 AS "modelCalls"
  FROM cost_entry WHERE workspace_id = $1 AND root_id = $3`;

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

export interface Costs {
  readonly micros: number;
  readonly treeMicros: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly modelCalls: number;
}

export interface ListedRuns {
  readonly kind: RunKind;
  readonly sessionOwner?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly limit: number;
}

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

/** Runs as requests see them: those of their workspace. */
@Injectable()
export class RunStore {
  private readonly finding: GatheredReads<RunRecord>;

  constructor(private readonly database: Database) {
    const read = (workspaceId: number, ids: string[]) =>
      database.query<RunRecord>(workspaceId, {
        name: 'find-runs',
        text: FIND_SQL,
        values: [workspaceId, ids],
      });
    this.finding = new GatheredReads(read, ({ id }) => id);
  }

  find(workspaceId: number, id: string): Promise<RunRecord | undefined> {
    return this.finding.find(workspaceId, id);
  }

  /**
   * What an earlier request under the same key has begun, without its fingerprint where it was erased. `before`: a
   * key whose run ended then is free.
   */
  async findKeyed(
    transaction: Queryable,
    key: { workspaceId: number; principalId: string; keyHmac: Buffer; before: Date },
  ): Promise<(RunRecord & { readonly fingerprint: Buffer | null }) | undefined> {
    const values = [key.workspaceId, key.principalId, key.keyHmac];
    const [, [run]] = await Promise.all([
      transaction.query({ text: FREE_KEY_SQL, values: [...values, key.before] }),
      transaction.query<RunRecord & { fingerprint: Buffer | null }>({ text: FIND_KEYED_SQL, values }),
    ]);
    return run;
  }

  list(workspaceId: number, { kind, sessionOwner, sessionId, limit }: ListedRuns): Promise<RunRecord[]> {
    const values = [workspaceId, kind, sessionOwner ?? null, sessionId ?? null, limit];
    return this.database.query<RunRecord>(workspaceId, { text: LIST_SQL, values });
  }

  /** The run with the events that its readers are shown behind `after`. */
  async events(
    workspaceId: number,
    id: string,
    after: number,
    limit: number,
  ): Promise<{ readonly run: RunRecord; readonly events: KeptEvent[] } | undefined> {
    const [row] = await this.database.query<RunRecord & { events: EventRow[] }>(workspaceId, {
      name: 'events-behind',
      text: EVENTS_SQL,
      values: [workspaceId, id, after, limit],
    });
    if (!row) return undefined;
    const events = row.events.map(({ eventId, event, at }) => ({ eventId, event, recordedAt: new Date(at) }));
    return { run: row, events };
  }

  async costs({ workspaceId, id, rootId }: RunRecord): Promise<Costs> {
    const [row] = await this.database.query<Costs>(workspaceId, {
      text: COSTS_SQL,
      values: [workspaceId, id, rootId],
    });
    if (!row) throw new Error('a sum gave no row');
    return { ...row, micros: Number(row.micros), treeMicros: Number(row.treeMicros) };
  }

  /** Within the caller's transaction. Throws `TakenId` when the run, its key or its place is there already. */
  insert(
    transaction: Queryable,
    run: NewRun,
    events: readonly RunEvent[],
    leaseMs: number | null,
  ): Promise<void> {
    const first = events.map((event) => ({ event, isShown: isShown(run, event.kind) }));
    return insertRun(transaction, run, first, leaseMs);
  }

  /**
   * Ends the run and everything below it, from the top: a run that has ended delegates no more. Returns what ended
   * by this; nothing of what had ended before.
   */
  cancelTree(workspaceId: number, id: string, now: Date, cancelling: Cancelling): Promise<RunRecord[]> {
    return this.database.transactionIn(workspaceId, async (transaction) => {
      const cancelled = await cancelTrees(transaction, workspaceId, [id], now, cancelling);
      if (cancelled.length > 0) await cancelling.alongside?.(transaction);
      return cancelled;
    });
  }
}

/** As `RunStore.cancelTree`, of several, as a part of a transaction. */
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

interface EventRow {
  readonly eventId: number;
  readonly event: RunEvent;
  readonly at: string;
}

async function childrenOf(transaction: Queryable, workspaceId: number, parents: string[]): Promise<string[]> {
  const rows = await transaction.query<{ id: string }>({
    text: CHILDREN_SQL,
    values: [workspaceId, parents],
  });
  return rows.map(({ id }) => id);
}
