import { GatheredReads } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { RunKind, RunRecord } from '../domain/run.js';
import { isShown, type KeptEvent, type RunEvent } from '../domain/run-event.js';
import { type Cancelling, cancelTrees } from './cancelled-trees.js';
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

  /** As `cancelTrees`, with what the cancelling asks for alongside. */
  cancelTree(workspaceId: number, id: string, now: Date, cancelling: Cancelling): Promise<RunRecord[]> {
    return this.database.transactionIn(workspaceId, async (transaction) => {
      const cancelled = await cancelTrees(transaction, workspaceId, [id], now, cancelling);
      if (cancelled.length > 0) await cancelling.alongside?.(transaction);
      return cancelled;
    });
  }
}

interface EventRow {
  readonly eventId: number;
  readonly event: RunEvent;
  readonly at: string;
}
