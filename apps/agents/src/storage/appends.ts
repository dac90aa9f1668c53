import { bigintColumn, type Column, integerColumn, textColumn } from '@magistry/persistence';
import type { CostLimit } from '../domain/cost-limits.js';
import { logNameOf, type Run } from '../domain/run.js';
import { isShown } from '../domain/run-event.js';
import type { Queryable } from './database.js';
import type { Addition, Lease } from './lease.js';

/** One run's part of a commit. */
export interface Append {
  readonly lease: Lease;
  readonly addition: Addition;
  readonly recordedAt: Date;
}

/**
 * What became of it. Only `appended` was written, and tells the id before its first shown event. The others cost nobody
 * else in the commit anything; `held` is to be tried again: somebody has the run's row, or its tree's, for this moment.
 */
export type Appended =
  | { readonly kind: 'appended'; readonly eventIdBefore: number }
  | { readonly kind: 'lease-lost' | 'over-budget' | 'held' }
  | { readonly kind: 'over-limit'; readonly limit: CostLimit };

// Reservations of one tree come one after the other, each seeing what the one before left. Plans go by key, whatever
// size the tables had when they were made.
const LOCK_ROOTS_SQL = `
  WITH plans AS MATERIALIZED (
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), enter_cost_ledgers($3::int4[]) AS limited)
  SELECT workspace_id AS "workspaceId", id, limited
  FROM plans CROSS JOIN unnest($1::int4[], $2::text[]) AS root (workspace_id, id) JOIN run USING (workspace_id, id)
  FOR NO KEY UPDATE OF run SKIP LOCKED`;

// The epoch fences a process that was thought dead; the trigger of the table keeps an ended run as it ended. The same
// call reserves once, however often it is begun; and nothing of a run is written whose reservation does not fit, or
// whose row somebody holds: nobody waits for a row here, and so nobody for another's run. It asks for ended_at, for
// which there is no index: the one on open runs is no way to find a run.
const APPEND_SQL = `
  WITH part AS (
    SELECT * FROM unnest($1::int4[], $2::text[], $3::int4[], $4::int4[], $5::int4[], $6::text[], $7::text[], $8::text[])
      WITH ORDINALITY AS part (workspace_id, run_id, epoch, entries, shown_entries, status, outcome, recorded_at, place)
  ), locked AS (
    SELECT place FROM part JOIN run ON run.workspace_id = part.workspace_id AND run.id = part.run_id
    FOR NO KEY UPDATE OF run SKIP LOCKED
  ), asked AS (
    SELECT part.workspace_id, part.run_id, part.recorded_at, asked.*
    FROM unnest($9::int4[], $10::int4[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::int8[],
      $17::int8[]) AS asked (place, call, root_id, slug, principal_id, model, price_version, micros, micros_max)
      JOIN part USING (place)
  ), fitting AS (
    SELECT asked.* FROM asked JOIN run root ON root.workspace_id = asked.workspace_id AND root.id = asked.root_id
    WHERE EXISTS (SELECT FROM cost_entry c
        WHERE c.workspace_id = asked.workspace_id AND c.run_id = asked.run_id AND c.call = asked.call)
      OR (micros + (SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0) FROM cost_entry c
          WHERE c.workspace_id = asked.workspace_id AND c.root_id = asked.root_id)
        <= (root.granted ->> 'microsMax')::int8
      AND micros + (SELECT coalesce(sum(coalesce(spent_micros, reserved_micros)), 0) FROM cost_entry c
          WHERE c.workspace_id = asked.workspace_id AND c.run_id = asked.run_id) <= micros_max)
  ), refused AS (
    SELECT place FROM asked WHERE place NOT IN (SELECT place FROM fitting)
  ), head AS (
    UPDATE run SET sequence = sequence + part.entries, event_id = event_id + part.shown_entries,
      leased_until = now() + $18 * interval '1 millisecond', status = part.status, outcome = part.outcome::json,
      ended_at = CASE WHEN part.status <> 'running' THEN part.recorded_at::timestamptz END
    FROM part JOIN locked USING (place)
    WHERE run.workspace_id = part.workspace_id AND run.id = part.run_id AND run.epoch = part.epoch
      AND run.ended_at IS NULL AND part.place NOT IN (SELECT place FROM refused)
    RETURNING part.place, part.workspace_id, part.run_id, part.recorded_at::timestamptz AS recorded_at,
      sequence - part.entries AS sequence, event_id - part.shown_entries AS event_id
  ), added AS (
    INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
    SELECT workspace_id, run_id, sequence + nth, head.event_id + shown_nth, event::json, recorded_at
    FROM unnest($19::int4[], $20::int4[], $21::int4[], $22::text[]) AS entry (place, nth, shown_nth, event)
      JOIN head USING (place)
  ), reserved AS (
    INSERT INTO cost_entry (workspace_id, run_id, call, root_id, slug, principal_id, model, price_version,
      reserved_micros, reserved_at)
    SELECT workspace_id, run_id, call, root_id, slug, principal_id, model, price_version, micros, head.recorded_at
    FROM fitting JOIN head USING (place, workspace_id, run_id)
    ON CONFLICT (workspace_id, run_id, call) DO NOTHING
  ), settled AS (
    UPDATE cost_entry c SET spent_micros = settled.micros, prompt_tokens = settled.prompt_tokens,
      completion_tokens = settled.completion_tokens, settled_at = head.recorded_at
    FROM unnest($23::int4[], $24::int4[], $25::int8[], $26::int4[], $27::int4[])
        AS settled (place, call, micros, prompt_tokens, completion_tokens) JOIN head USING (place)
    WHERE c.workspace_id = head.workspace_id AND c.run_id = head.run_id AND c.call = settled.call
      AND c.spent_micros IS NULL
  )
  SELECT head.event_id AS "eventIdBefore", part.place IN (SELECT place FROM refused) AS "isRefused",
    part.place NOT IN (SELECT place FROM locked) AS "isHeld"
  FROM part LEFT JOIN head USING (place) ORDER BY part.place`;

export interface LockedTrees {
  /** Log names of their roots. */
  readonly trees: ReadonlySet<string>;
  /** Those of the workspaces that limit what they spend: no limit is set or lifted until the transaction ends. */
  readonly limited: readonly number[];
}

/** Takes the trees that reservations are made in, within the transaction that makes them. Returns those it got. */
export async function lockRoots(transaction: Queryable, appends: readonly Append[]): Promise<LockedTrees> {
  const runs = appends.filter(({ addition }) => addition.reserved).map(({ lease }) => lease.run);
  const columns = [
    integerColumn(runs.map(({ workspaceId }) => workspaceId)),
    textColumn(runs.map(({ rootId }) => rootId)),
    integerColumn(appends.map(({ lease }) => lease.run.workspaceId)),
  ];
  const locked = await transaction.query<Pick<Run, 'workspaceId' | 'id'> & { limited: number[] }>({
    name: 'lock-roots',
    text: LOCK_ROOTS_SQL,
    values: columns,
  });
  return { trees: new Set(locked.map(logNameOf)), limited: locked[0]?.limited ?? [] };
}

/** Writes what fits, of each run all or nothing, in the order of the appends; of a run there is one at most. */
export async function appendAll(
  on: Queryable,
  appends: readonly Append[],
  leaseMs: number,
): Promise<Appended[]> {
  const values = [
    ...partColumns(appends),
    ...reservationColumns(appends),
    leaseMs,
    ...entryColumns(appends),
    ...settlementColumns(appends),
  ];
  const rows = await on.query<AppendRow>({ name: 'append-events', text: APPEND_SQL, values });
  return rows.map(({ eventIdBefore, isRefused, isHeld }) => {
    if (eventIdBefore !== null) return { kind: 'appended', eventIdBefore };
    if (isHeld) return { kind: 'held' };
    return { kind: isRefused ? 'over-budget' : 'lease-lost' };
  });
}

interface AppendRow {
  readonly eventIdBefore: number | null;
  readonly isRefused: boolean;
  readonly isHeld: boolean;
}

function partColumns(appends: readonly Append[]): Column[] {
  const shownOf = ({ lease: { run }, addition: { events } }: Append) =>
    events.filter(({ kind }) => isShown(run, kind)).length;
  const outcomeOf = ({ addition: { end } }: Append) => (end ? JSON.stringify(end.outcome) : null);
  return [
    integerColumn(appends.map(({ lease }) => lease.run.workspaceId)),
    textColumn(appends.map(({ lease }) => lease.run.id)),
    integerColumn(appends.map(({ lease }) => lease.epoch)),
    integerColumn(appends.map(({ addition }) => addition.events.length)),
    integerColumn(appends.map(shownOf)),
    textColumn(appends.map(({ addition }) => addition.end?.status ?? 'running')),
    textColumn(appends.map(outcomeOf)),
    textColumn(appends.map(({ recordedAt }) => recordedAt.toISOString())),
  ];
}

function entryColumns(appends: readonly Append[]): Column[] {
  const entries = appends.flatMap(({ lease: { run }, addition: { events } }, index) => {
    let shown = 0;
    return events.map((event, nth) => {
      if (isShown(run, event.kind)) shown += 1;
      const shownNth = isShown(run, event.kind) ? shown : null;
      return { place: index + 1, nth: nth + 1, shownNth, json: JSON.stringify(event) };
    });
  });
  return [
    integerColumn(entries.map(({ place }) => place)),
    integerColumn(entries.map(({ nth }) => nth)),
    integerColumn(entries.map(({ shownNth }) => shownNth)),
    textColumn(entries.map(({ json }) => json)),
  ];
}

function reservationColumns(appends: readonly Append[]): Column[] {
  const asked = appends.flatMap(({ lease: { run }, addition: { reserved } }, index) =>
    reserved ? [{ place: index + 1, run, ...reserved }] : [],
  );
  return [
    integerColumn(asked.map(({ place }) => place)),
    integerColumn(asked.map(({ call }) => call)),
    textColumn(asked.map(({ run }) => run.rootId)),
    textColumn(asked.map(({ run }) => run.definition.slug)),
    textColumn(asked.map(({ run }) => run.caller.principalId)),
    textColumn(asked.map(({ model }) => model)),
    textColumn(asked.map(({ priceVersion }) => priceVersion)),
    bigintColumn(asked.map(({ micros }) => micros)),
    bigintColumn(asked.map(({ run }) => run.grant.microsMax)),
  ];
}

function settlementColumns(appends: readonly Append[]): Column[] {
  const settled = appends.flatMap(({ addition }, index) =>
    addition.settled ? [{ place: index + 1, ...addition.settled }] : [],
  );
  return [
    integerColumn(settled.map(({ place }) => place)),
    integerColumn(settled.map(({ call }) => call)),
    bigintColumn(settled.map(({ micros }) => micros)),
    integerColumn(settled.map(({ usage }) => usage.promptTokens)),
    integerColumn(settled.map(({ usage }) => usage.completionTokens)),
  ];
}
