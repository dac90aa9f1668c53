import { LockHeld } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import type { Run, RunRecord } from '../domain/run.js';
import { isShown, type RunEvent } from '../domain/run-event.js';
import { appendAll } from './appending/append-statement.js';
import type { Append, Appended } from './appending/appends.js';
import { Reservations } from './appending/reservations.js';
import { Database, type Queryable } from './database.js';
import { type Lease, LeaseLost } from './lease.js';
import { insertRun, type NewRun, RUN_COLUMNS } from './run-rows.js';
import { keepMemory } from './session-memories.js';

const IS_FREE = `r.status = 'running' AND (r.leased_until IS NULL OR r.leased_until < now())`;

// Whose lease has run out is taken over; of a session's messages only the first that is not answered.
const CLAIM = {
  name: 'claim-runs',
  text: `
  WITH sub_run AS (
    SELECT r.workspace_id, r.id FROM run r WHERE ${IS_FREE} AND r.parent_id IS NOT NULL
    ORDER BY r.created_at LIMIT $3 FOR UPDATE SKIP LOCKED
  ), top AS (
    SELECT r.workspace_id, r.id FROM run r WHERE ${IS_FREE} AND r.parent_id IS NULL
      AND NOT EXISTS (
        SELECT FROM run earlier WHERE earlier.workspace_id = r.workspace_id
          AND earlier.session_owner = r.session_owner AND earlier.session_id = r.session_id
          AND earlier.turn < r.turn AND earlier.status = 'running')
    ORDER BY r.created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
  UPDATE run SET epoch = epoch + 1, leased_until = now() + $1 * interval '1 millisecond'
  WHERE (workspace_id, id) IN (TABLE sub_run UNION ALL TABLE top)
  RETURNING ${RUN_COLUMNS}, epoch`,
};

const LOCK_SQL = 'SELECT FROM run WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE';

const RENEW_SQL = `
  UPDATE run SET leased_until = now() + $4 * interval '1 millisecond'
  WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'running' RETURNING id`;

const FAULT_SQL = `
  UPDATE run SET faults = faults + 1
  WHERE workspace_id = $1 AND id = $2 AND epoch = $3 AND status = 'running' RETURNING faults`;

const READ_SQL = 'SELECT event FROM run_event WHERE workspace_id = $1 AND run_id = $2 ORDER BY sequence';

const FIND_SQL = `SELECT ${RUN_COLUMNS} FROM run WHERE workspace_id = $1 AND id = $2`;

/** The log as whoever executes runs writes it. */
@Injectable()
export class RunLog {
  private readonly reservations = new Reservations();

  constructor(private readonly database: Database) {}

  /**
   * What became of each, in their order; of a run there is one at most. Where a cost limit is not free in time, all of
   * them are `held`. Throws when nothing was written.
   */
  async append(appends: readonly Append[], leaseMs: number): Promise<Appended[]> {
    try {
      if (!appends.some(({ addition }) => addition.reserved))
        return await appendAll(this.database.across, appends, leaseMs);
      return await this.database.transactionAcross((transaction) =>
        this.reservations.append(transaction, appends, leaseMs),
      );
    } catch (error) {
      if (error instanceof LockHeld) return appends.map(() => ({ kind: 'held' }));
      throw error;
    }
  }

  /**
   * The delegation and the run that it asks for, together or not at all. Returns the id before the delegation's.
   * Throws `LeaseLost`, or `TakenId` when that run's id is taken.
   */
  async delegate(lease: Lease, event: RunEvent, subRun: NewRun, recordedAt: Date, leaseMs: number) {
    return this.database.transactionAcross(async (transaction) => {
      const append = { lease, addition: { events: [event] }, recordedAt };
      const before = await appendWithin(transaction, append, leaseMs);
      const started: RunEvent = { kind: 'started' };
      const first = [{ event: started, isShown: isShown(subRun, 'started') }];
      await Promise.all([insertRun(transaction, subRun, first, leaseMs), transaction.commit()]);
      return before;
    });
  }

  /** The entry and the memory that it tells of, together or not at all. Returns the id before the entry. */
  async remember(lease: Lease, event: RunEvent & { kind: 'summarised' }, recordedAt: Date, leaseMs: number) {
    const { call, usage, costMicros } = event;
    const addition = { events: [event], settled: { call, usage, micros: costMicros } };
    return this.database.transactionAcross(async (transaction) => {
      const before = await appendWithin(transaction, { lease, addition, recordedAt }, leaseMs);
      await Promise.all([keepMemory(transaction, lease.run, event.memory, recordedAt), transaction.commit()]);
      return before;
    });
  }

  /** Runs and sub-runs that nobody executes, at most so many of each; they are this process's from now on. */
  async claim(runsMax: number, subRunsMax: number, leaseMs: number): Promise<Lease[]> {
    const rows = await this.database.across.query<RunRecord & { epoch: number }>({
      ...CLAIM,
      values: [leaseMs, runsMax, subRunsMax],
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

  /** How often the run has failed unexpectedly, with this time; 0 when it is not this process's any more. */
  async countFault({ run, epoch }: Lease): Promise<number> {
    const values = [run.workspaceId, run.id, epoch];
    const [counted] = await this.database.across.query<{ faults: number }>({ text: FAULT_SQL, values });
    return counted?.faults ?? 0;
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

/** As part of a transaction that keeps more than the entries. */
async function appendWithin(transaction: Queryable, append: Append, leaseMs: number): Promise<number> {
  const { run } = append.lease;
  const [, [appended]] = await Promise.all([
    transaction.query({ text: LOCK_SQL, values: [run.workspaceId, run.id] }),
    appendAll(transaction, [append], leaseMs),
  ]);
  if (appended?.kind !== 'appended') throw new LeaseLost();
  return appended.eventIdBefore;
}
