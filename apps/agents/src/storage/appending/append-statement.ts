import { GivenRows, type RowsText } from '@magistry/persistence';
import { subjectsOf } from '../../domain/cost-limits.js';
import { isShown } from '../../domain/run-event.js';
import type { Queryable } from '../database.js';
import type { Reservation, Settlement } from '../lease.js';
import type { Append, Appended } from './appends.js';
import { mayAppend, treeOf } from './tree-locks.js';

/** What belongs to the append at this place, counted from 1. */
type Placed<Item> = Item & { readonly append: Append; readonly place: number };

const PARTS = new GivenRows<Placed<object>>(2, [
  ['place', 'int4', ({ place }) => place],
  ['workspace_id', 'int4', ({ append }) => append.lease.run.workspaceId],
  ['run_id', 'text', ({ append }) => append.lease.run.id],
  ['epoch', 'int4', ({ append }) => append.lease.epoch],
  ['entries', 'int4', ({ append }) => append.addition.events.length],
  ['shown_entries', 'int4', ({ append }) => shownEvents(append)],
  ['status', 'text', ({ append }) => append.addition.end?.status ?? 'running'],
  ['outcome', 'text', ({ append }) => outcomeOf(append)],
  ['is_paid', 'bool', ({ append }) => append.isPaid ?? false],
  ['recorded_at', 'text', ({ append }) => append.recordedAt.toISOString()],
  ['tree', 'text', ({ append }) => treeOf(append)],
]);

const RESERVATIONS = new GivenRows<Placed<Reservation>>(PARTS.parameterBehind, [
  ['place', 'int4', ({ place }) => place],
  ['call', 'int4', ({ call }) => call],
  ['root_id', 'text', ({ append }) => append.lease.run.rootId],
  ['slug', 'text', ({ append }) => append.lease.run.definition.slug],
  ['subjects', 'text', ({ append }) => arrayText(subjectsOf(append.lease.run.caller))],
  ['model', 'text', ({ model }) => model],
  ['price_version', 'text', ({ priceVersion }) => priceVersion],
  ['micros', 'int8', ({ micros }) => micros],
  ['micros_max', 'int8', ({ append }) => append.lease.run.grant.microsMax],
]);

const SETTLEMENTS = new GivenRows<Placed<Settlement>>(RESERVATIONS.parameterBehind, [
  ['place', 'int4', ({ place }) => place],
  ['call', 'int4', ({ call }) => call],
  ['micros', 'int8', ({ micros }) => micros],
  ['prompt_tokens', 'int4', ({ usage }) => usage.promptTokens],
  ['completion_tokens', 'int4', ({ usage }) => usage.completionTokens],
]);

interface Entry {
  readonly place: number;
  readonly nth: number;
  readonly shownNth: number | null;
  readonly json: string;
}

const ENTRIES = new GivenRows<Entry>(SETTLEMENTS.parameterBehind, [
  ['place', 'int4', ({ place }) => place],
  ['nth', 'int4', ({ nth }) => nth],
  ['shown_nth', 'int4', ({ shownNth }) => shownNth],
  ['event', 'text', ({ json }) => json],
]);

// The epoch fences a process that was thought dead; the trigger of the table keeps an ended run as it ended. The same
// call reserves once, however often it is begun; and nothing of a run is written whose reservation does not fit, or
// whose row or tree somebody holds: nobody waits for a row here, and so nobody for another's run. It asks for ended_at,
// for which there is no index: the one on open runs is no way to find a run.
const appendSql = (rows: RowsText) => `
  WITH part AS (${rows(PARTS)}
  ), locked AS (
    SELECT place FROM part JOIN run ON run.workspace_id = part.workspace_id AND run.id = part.run_id
    WHERE ${mayAppend('part.tree')}
    FOR NO KEY UPDATE OF run SKIP LOCKED
  ), asked AS (
    SELECT part.workspace_id, part.run_id, part.recorded_at, asked.*
    FROM (${rows(RESERVATIONS)}) asked JOIN part USING (place)
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
      leased_until = now() + $1 * interval '1 millisecond', status = part.status, outcome = part.outcome::json,
      credit = CASE WHEN part.is_paid AND credit = 'due' THEN 'charged' ELSE credit END,
      ended_at = CASE WHEN part.status <> 'running' THEN part.recorded_at::timestamptz END
    FROM part JOIN locked USING (place)
    WHERE run.workspace_id = part.workspace_id AND run.id = part.run_id AND run.epoch = part.epoch
      AND run.ended_at IS NULL AND part.place NOT IN (SELECT place FROM refused)
    RETURNING part.place, part.workspace_id, part.run_id, part.recorded_at::timestamptz AS recorded_at,
      sequence - part.entries AS sequence, event_id - part.shown_entries AS event_id
  ), added AS (
    INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
    SELECT workspace_id, run_id, sequence + nth, head.event_id + shown_nth, event::json, recorded_at
    FROM (${ENTRIES.many}) entry JOIN head USING (place)
  ), reserved AS (
    INSERT INTO cost_entry (workspace_id, run_id, call, root_id, slug, principal_id, maker_ids, model,
      price_version, reserved_micros, reserved_at)
    SELECT workspace_id, run_id, call, root_id, slug, (subjects::text[])[1], (subjects::text[])[2:], model,
      price_version, micros, head.recorded_at
    FROM fitting JOIN head USING (place, workspace_id, run_id)
    ON CONFLICT (workspace_id, run_id, call) DO NOTHING
  ), settled AS (
    UPDATE cost_entry c SET spent_micros = settled.micros, prompt_tokens = settled.prompt_tokens,
      completion_tokens = settled.completion_tokens, settled_at = head.recorded_at
    FROM (${rows(SETTLEMENTS)}) settled JOIN head USING (place)
    WHERE c.workspace_id = head.workspace_id AND c.run_id = head.run_id AND c.call = settled.call
      AND c.spent_micros IS NULL
  )
  SELECT head.event_id AS "eventIdBefore", part.place IN (SELECT place FROM refused) AS "isRefused",
    part.place NOT IN (SELECT place FROM locked) AS "isHeld"
  FROM part LEFT JOIN head USING (place) ORDER BY part.place`;

const APPEND_ONE = { name: 'append-to-run', text: appendSql(({ one }) => one) };
const APPEND_MANY = { name: 'append-to-runs', text: appendSql(({ many }) => many) };

interface AppendRow {
  readonly eventIdBefore: number | null;
  readonly isRefused: boolean;
  readonly isHeld: boolean;
}

/** Writes what fits, of each run all or nothing, in the order of the appends; of a run there is one at most. */
export async function appendAll(
  on: Queryable,
  appends: readonly Append[],
  leaseMs: number,
): Promise<Appended[]> {
  const placed = appends.map((append, index) => ({ append, place: index + 1 }));
  const values = [
    leaseMs,
    ...PARTS.values(placed),
    ...RESERVATIONS.values(placed.flatMap(reservationsOf)),
    ...SETTLEMENTS.values(placed.flatMap(settlementsOf)),
    ...ENTRIES.values(placed.flatMap(entriesOf)),
  ];
  const statement = appends.length === 1 ? APPEND_ONE : APPEND_MANY;
  const rows = await on.query<AppendRow>({ ...statement, values });
  return rows.map(({ eventIdBefore, isRefused, isHeld }) => {
    if (eventIdBefore !== null) return { kind: 'appended', eventIdBefore };
    if (isHeld) return { kind: 'held' };
    return { kind: isRefused ? 'over-budget' : 'lease-lost' };
  });
}

/** As Postgres writes an array: it has none of arrays of several lengths. */
function arrayText(ids: readonly string[]): string {
  return `{${ids.map((id) => JSON.stringify(id)).join()}}`;
}

function shownEvents({ lease: { run }, addition: { events } }: Append): number {
  return events.filter(({ kind }) => isShown(run, kind)).length;
}

function outcomeOf({ addition: { end } }: Append): string | null {
  return end ? JSON.stringify(end.outcome) : null;
}

function reservationsOf(placed: Placed<object>): Placed<Reservation>[] {
  const { reserved } = placed.append.addition;
  return reserved ? [{ ...placed, ...reserved }] : [];
}

function settlementsOf(placed: Placed<object>): Placed<Settlement>[] {
  const { settled } = placed.append.addition;
  return settled ? [{ ...placed, ...settled }] : [];
}

function entriesOf({ append: { lease, addition }, place }: Placed<object>): Entry[] {
  let shown = 0;
  return addition.events.map((event, index) => {
    const isItShown = isShown(lease.run, event.kind);
    if (isItShown) shown += 1;
    return { place, nth: index + 1, shownNth: isItShown ? shown : null, json: JSON.stringify(event) };
  });
}
