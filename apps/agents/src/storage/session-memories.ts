import { Injectable } from '@nestjs/common';
import { heardAnswer, type Turn } from '../domain/conversation.js';
import type { Run, RunStatus } from '../domain/run.js';
import { NO_MEMORY, type SessionMemory } from '../domain/session-memory.js';
import { Database, type Queryable } from './database.js';

const FIND_SQL = `SELECT through_turn AS "throughTurn", summary, facts FROM session_memory
  WHERE workspace_id = $1 AND owner_id = $2 AND session_id = $3`;

// A run is executed once every message before it has ended: these turns change no more. Of one that did not succeed,
// what its readers have been told is in its log.
const TURNS_SQL = `
  SELECT turn, input ->> 'content' AS content, status,
    CASE WHEN status = 'success' THEN outcome -> 'output' ->> 'content' ELSE (
      SELECT string_agg(event ->> 'delta', '' ORDER BY sequence) FROM run_event
      WHERE workspace_id = run.workspace_id AND run_id = run.id AND event ->> 'kind' = 'text') END AS heard
  FROM run
  WHERE workspace_id = $1 AND session_owner = $2 AND session_id = $3 AND status <> 'running' AND turn < $4
    AND turn > coalesce((SELECT through_turn FROM session_memory
      WHERE workspace_id = $1 AND owner_id = $2 AND session_id = $3), 0)`;
const NEWEST_SQL = `${TURNS_SQL} ORDER BY turn DESC LIMIT $5`;
const OLDEST_SQL = `${TURNS_SQL} ORDER BY turn LIMIT $5`;

const KEEP_SQL = `
  INSERT INTO session_memory (workspace_id, owner_id, session_id, through_turn, summary, facts, changed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (workspace_id, owner_id, session_id) DO UPDATE
  SET through_turn = excluded.through_turn, summary = excluded.summary, facts = excluded.facts,
    changed_at = excluded.changed_at`;

interface TurnRow {
  readonly turn: number;
  readonly content: string;
  readonly status: Exclude<RunStatus, 'running'>;
  readonly heard: string | null;
}

/** What whoever executes a message recalls of its session. */
@Injectable()
export class SessionMemories {
  constructor(private readonly database: Database) {}

  async find({ workspaceId, sessionOwner, sessionId, turn }: Run): Promise<SessionMemory> {
    if (sessionId === null || turn === 1) return NO_MEMORY;
    const values = [workspaceId, sessionOwner, sessionId];
    const [memory] = await this.database.across.query<SessionMemory>({ text: FIND_SQL, values });
    return memory ?? NO_MEMORY;
  }

  /** The newest messages of the session that are not in its memory, before the run's own; the oldest first. */
  async newestTurns(run: Run, limit: number): Promise<Turn[]> {
    return (await this.turns(NEWEST_SQL, run, run.turn, limit)).reverse();
  }

  /** Those that are not in its memory, from the oldest on up to the one before `before`. */
  oldestTurns(run: Run, before: number, limit: number): Promise<Turn[]> {
    return this.turns(OLDEST_SQL, run, before, limit);
  }

  private async turns(text: string, run: Run, before: number | null, limit: number) {
    const { workspaceId, sessionOwner, sessionId, turn } = run;
    if (sessionId === null || turn === 1) return [];
    const values = [workspaceId, sessionOwner, sessionId, before, limit];
    const rows = await this.database.across.query<TurnRow>({ text, values });
    return rows.map(({ turn, content, status, heard }): Turn => {
      return { turn, content, answer: heardAnswer(status, heard ?? '') };
    });
  }
}

/** Within the transaction that adds the entry which tells of it. */
export async function keepMemory(
  transaction: Queryable,
  { workspaceId, sessionOwner, sessionId }: Run,
  { throughTurn, summary, facts }: SessionMemory,
  now: Date,
): Promise<void> {
  const key = [workspaceId, sessionOwner, sessionId];
  const values = [...key, throughTurn, summary, JSON.stringify(facts), now];
  await transaction.query({ text: KEEP_SQL, values });
}
