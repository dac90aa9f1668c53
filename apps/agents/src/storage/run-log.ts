import { Injectable } from '@nestjs/common';
import type { Outcome, Run, RunRecord, RunStatus } from '../domain/run.js';
import { isShown, type RunEvent, type Usage } from '../domain/run-event.js';
import { Database, type Queryable } from './database.js';
import { insertRun, type NewRun, RUN_COLUMNS } from './run-rows.js';

/** Another process executes the run by now, or it has ended: whatever this one still has to say is void. */
export class LeaseLost extends Error {}

/** A run that is this process's to execute, under the epoch that its appends must name. */
export interface Lease {
  readonly run: RunRecord;
  readonly epoch: number;
}

/** What is committed together: events, and what they settle. */
export interface Addition {
  readonly events: readonly RunEvent[];
  readonly end?: { readonly status: Exclude<RunStatus, 'running'>; readonly outcome: Outcome };
  readonly settled?: { readonly call: number; readonly usage: Usage; readonly micros: number };
}

// The epoch fences a process that was thought dead; the trigger of the table keeps an ended run as it ended.
const APPEND_SQL = `
  WITH entry AS (
    SELECT event, is_shown, place, count(*) FILTER (WHERE is_shown) OVER (ORDER BY place) AS shown_place
    FROM unnest($4::json[], $5::boolean[]) WITH ORDINALITY AS entry (event, is_shown, place)
  ), head AS (
    UPDATE run SET sequence = sequence + $6, event_id = event_id + $7,
      leased_until = now() + $8 * interval '1 millisecond', status = $9, outcome = $10, ended_at = $11
    WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'running'
    RETURNING sequence - $6 AS sequence, event_id - $7 AS event_id
  ), added AS (
    INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
    SELECT $1, $2, head.sequence + place, CASE WHEN is_shown THEN head.event_id + shown_place END, event, $12
    FROM head CROSS JOIN entry
  ), settled AS (
    UPDATE cost_entry SET spent_micros = $14, prompt_tokens = $15, completion_tokens = $16, settled_at = $12
    WHERE workspace_id = $1 AND run_id = $2 AND call = $13 AND spent_micros IS NULL AND EXISTS (SELECT FROM head)
  )
  SELECT event_id AS "eventIdBefore" FROM head`;

// Whose lease has run out is taken over; of a session's messages only the first that is not answered.
const CLAIM_SQL = `
  UPDATE run SET epoch = epoch + 1, leased_until = now() + $1 * interval '1 millisecond'
  WHERE (workspace_id, id) IN (
    SELECT r.workspace_id, r.id FROM run r
    WHERE r.status = 'running' AND (r.leased_until IS NULL OR r.leased_until < now())
      AND NOT EXISTS (
        SELECT FROM run earlier WHERE earlier.workspace_id = r.workspace_id
          AND earlier.session_owner = r.session_owner AND earlier.session_id = r.session_id
          AND earlier.turn < r.turn AND earlier.status = 'running')
    ORDER BY r.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  RETURNING ${RUN_COLUMNS}, epoch`;

const RENEW_SQL = `
  UPDATE run SET leased_until = now() + $4 * interval '1 millisecond'
  WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'running' RETURNING id`;

const READ_SQL = 'SELECT event FROM run_event WHERE workspace_id = $1 AND run_id = $2 ORDER BY sequence';

const FIND_SQL = `SELECT ${RUN_COLUMNS} FROM run WHERE workspace_id = $1 AND id = $2`;

/** The log as whoever executes runs writes it. */
@Injectable()
export class RunLog {
  constructor(private readonly database: Database) {}

  /** Returns the id before the first shown event. Throws `LeaseLost` when the run is not this process's any more. */
  append(lease: Lease, addition: Addition, now: Date, leaseMs: number): Promise<number> {
    return appendIn(this.database.across, lease, addition, now, leaseMs);
  }

  /** The delegation and the run that it asks for, together or not at all. False when that run's id is taken. */
  async delegate(lease: Lease, event: RunEvent, subRun: NewRun, now: Date, leaseMs: number) {
    return this.database.transactionAcross(async (transaction) => {
      const before = await appendIn(transaction, lease, { events: [event] }, now, leaseMs);
      const started: RunEvent = { kind: 'started' };
      const first = [{ event: started, isShown: isShown(subRun, 'started') }];
      if (!(await insertRun(transaction, subRun, first, leaseMs))) throw new TakenId();
      return before;
    });
  }

  /** Runs that nobody executes, at most `limit`; they are this process's from now on. */
  async claim(limit: number, leaseMs: number): Promise<Lease[]> {
    const rows = await this.database.across.query<RunRecord & { epoch: number }>({
      text: CLAIM_SQL,
      values: [leaseMs, limit],
    });
    return rows.map(({ epoch, ...run }) => ({ run, epoch }));
  }

  /** Throws `LeaseLost` when the run is not this process's any more. */
  async renew({ run, epoch }: Lease, leaseMs: number): Promise<void> {
    const values = [run.workspaceId, run.id, epoch, leaseMs];
    if ((await this.database.across.query({ text: RENEW_SQL, values })).length === 0) throw new LeaseLost();
  }

  /** Lets another process go on with it at once. */
  async release({ run, epoch }: Lease): Promise<void> {
    await this.database.across.query({ text: RENEW_SQL, values: [run.workspaceId, run.id, epoch, 0] });
  }

  async read({ workspaceId, id }: Run): Promise<RunEvent[]> {
    const rows = await this.database.across.query<{ event: RunEvent }>({
      text: READ_SQL,
      values: [workspaceId, id],
    });
    return rows.map(({ event }) => event);
  }

  async find(workspaceId: number, id: string): Promise<RunRecord | undefined> {
    const values = [workspaceId, id];
    const [run] = await this.database.across.query<RunRecord>({ text: FIND_SQL, values });
    return run;
  }
}

/** A sub-run's id that another run of the workspace has. */
export class TakenId extends Error {}

/** As part of a transaction that keeps more than the entries. */
export async function appendIn(
  on: Queryable,
  { run, epoch }: Lease,
  { events, end, settled }: Addition,
  now: Date,
  leaseMs: number,
): Promise<number> {
  const shown = events.map(({ kind }) => isShown(run, kind));
  const texts = events.map((event) => JSON.stringify(event));
  const shownCount = shown.filter(Boolean).length;
  const values = [
    ...[run.workspaceId, run.id, epoch, texts, shown, events.length, shownCount, leaseMs],
    ...[end?.status ?? 'running', end ? JSON.stringify(end.outcome) : null, end ? now : null, now],
    ...[settled?.call ?? null, settled?.micros ?? null],
    ...[settled?.usage.promptTokens ?? null, settled?.usage.completionTokens ?? null],
  ];
  const [head] = await on.query<{ eventIdBefore: number }>({
    name: 'append-events',
    text: APPEND_SQL,
    values,
  });
  if (!head) throw new LeaseLost();
  return head.eventIdBefore;
}
