import type { AgentDefinition } from '@magistry/contracts';
import { isUniqueViolation } from '@magistry/persistence';
import type { Grant } from '../domain/grant.js';
import type { Run, RunCaller, RunRecord } from '../domain/run.js';
import type { RunEvent } from '../domain/run-event.js';
import type { Queryable } from './database.js';

/** A run's columns, as `RunRow` reads them. Of an erased one's log nothing is left. */
export const RUN_COLUMNS = `workspace_id AS "workspaceId", id, kind, definition, granted AS grant, input, caller,
  root_id AS "rootId", parent_id AS "parentId", parent_call_id AS "parentCallId", session_owner AS "sessionOwner",
  session_id AS "sessionId", turn, created_at AS "createdAt", deadline_at AS "deadlineAt", status, outcome,
  ended_at AS "endedAt", CASE WHEN erased_at IS NULL THEN event_id ELSE 0 END AS "eventId"`;

/** What of a run is known before it begins. */
export interface NewRun extends Run {
  readonly definition: AgentDefinition;
  readonly grant: Grant;
  readonly caller: RunCaller;
  readonly keyHmac: Buffer | null;
  readonly fingerprint: Uint8Array | null;
}

export interface FirstEvent {
  readonly event: RunEvent;
  readonly isShown: boolean;
}

// The run and its first entries.
const INSERT_SQL = `
  WITH begun AS (
    INSERT INTO run (
      workspace_id, id, kind, slug, definition, granted, input, principal_id, caller, root_id, parent_id,
      parent_call_id, session_owner, session_id, turn, key_hmac, fingerprint, created_at, deadline_at,
      sequence, event_id, epoch, leased_until, credit)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
      now() + $23 * interval '1 millisecond', CASE WHEN $3 = 'message' THEN 'due' END)
    RETURNING workspace_id, id, created_at
  ), added AS (
    INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
    SELECT workspace_id, id, place, CASE WHEN is_shown THEN count(*) FILTER (WHERE is_shown) OVER (ORDER BY place) END,
      event, created_at
    FROM begun CROSS JOIN unnest($24::json[], $25::boolean[]) WITH ORDINALITY AS first (event, is_shown, place))
  SELECT`;

/** There is such a run already: its id, its key, its place in a session or the call that asks for it is taken. */
export class TakenId extends Error {}

/**
 * The run with its first events. With `leaseMs` it is the caller's to execute, in its first epoch. Throws `TakenId`,
 * and the transaction writes nothing then.
 */
export async function insertRun(
  transaction: Queryable,
  run: NewRun,
  events: readonly FirstEvent[],
  leaseMs: number | null,
): Promise<void> {
  const shownEvents = events.filter(({ isShown }) => isShown).length;
  const values = [
    ...[run.workspaceId, run.id, run.kind, run.definition.slug, json(run.definition), json(run.grant)],
    ...[
      json(run.input),
      run.caller.principalId,
      json(run.caller),
      run.rootId,
      run.parentId,
      run.parentCallId,
    ],
    ...[
      run.sessionOwner,
      run.sessionId,
      run.turn,
      run.keyHmac,
      run.fingerprint,
      run.createdAt,
      run.deadlineAt,
    ],
    ...[events.length, shownEvents, leaseMs === null ? 0 : 1, leaseMs],
    ...[events.map(({ event }) => json(event)), events.map(({ isShown }) => isShown)],
  ];
  try {
    await transaction.query({ name: 'begin-run', text: INSERT_SQL, values });
  } catch (error) {
    throw isUniqueViolation(error) ? new TakenId() : error;
  }
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

export type { RunRecord };
