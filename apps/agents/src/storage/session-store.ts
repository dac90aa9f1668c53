import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SessionPlace } from '../domain/session-cursor.js';
import type { ShownSession } from '../domain/views/session-view.js';
import { Database, type Queryable } from './database.js';

/** Whose session, by the name that its owner gave it. */
export interface SessionKey {
  readonly workspaceId: number;
  readonly owner: string;
  readonly id: string;
}

/** Where the next message of a session stands. */
export interface Place {
  readonly conversationId: string;
  readonly turn: number;
  /** An earlier message is not answered yet. */
  readonly isBusy: boolean;
}

// The row is the lock: messages of one session take their places one after the other.
const ENTER_SQL = `
  INSERT INTO session (workspace_id, owner_id, id, conversation_id, created_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (workspace_id, owner_id, id) DO UPDATE SET id = excluded.id
  RETURNING conversation_id AS "conversationId"`;

const TURN_SQL = `
  SELECT coalesce(max(turn), 0) + 1 AS turn, coalesce(bool_or(status = 'running'), false) AS "isBusy"
  FROM run WHERE workspace_id = $1 AND session_owner = $2 AND session_id = $3`;

const OPEN_SQL = `
  SELECT id FROM run
  WHERE workspace_id = $1 AND session_owner = $2 AND session_id = $3 AND turn < $4 AND status = 'running'
  ORDER BY turn`;

// What was refused for want of credits never began.
const SESSIONS_SQL = `
  SELECT id, conversation_id AS "conversationId", created_at AS "createdAt", messages, "lastMessageAt"
  FROM session, LATERAL (
    SELECT count(*)::int4 AS messages, max(run.created_at) AS "lastMessageAt" FROM run
    WHERE run.workspace_id = session.workspace_id AND session_owner = owner_id AND session_id = session.id
      AND credit IS DISTINCT FROM 'refused') said
  WHERE session.workspace_id = $1 AND owner_id = $2`;
const FIND_SQL = `${SESSIONS_SQL} AND id = $3`;
const LIST_SQL = `${SESSIONS_SQL} AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
  ORDER BY created_at DESC, id DESC LIMIT $5`;

@Injectable()
export class SessionStore {
  constructor(private readonly database: Database) {}

  /** The session's next place, which is this transaction's until it ends. */
  async enter(transaction: Queryable, { workspaceId, owner, id }: SessionKey, now: Date): Promise<Place> {
    const key = [workspaceId, owner, id];
    const values = [...key, randomUUID(), now];
    // The second sees what the lock was waited for: each statement has a snapshot of its own.
    const [[session], [place]] = await Promise.all([
      transaction.query<{ conversationId: string }>({ name: 'enter-session', text: ENTER_SQL, values }),
      transaction.query<Omit<Place, 'conversationId'>>({ name: 'next-turn', text: TURN_SQL, values: key }),
    ]);
    if (!session || !place) throw new Error('a session gave no row');
    return { ...place, ...session };
  }

  async find({ workspaceId, owner, id }: SessionKey): Promise<ShownSession | undefined> {
    const query = { text: FIND_SQL, values: [workspaceId, owner, id] };
    return (await this.database.query<ShownSession>(workspaceId, query))[0];
  }

  /** The newest first, from behind a place on. */
  list(
    { workspaceId, owner }: Omit<SessionKey, 'id'>,
    behind: SessionPlace | undefined,
    limit: number,
  ): Promise<ShownSession[]> {
    const values = [workspaceId, owner, behind?.createdAt ?? null, behind?.id ?? null, limit];
    return this.database.query<ShownSession>(workspaceId, { text: LIST_SQL, values });
  }

  /** Messages before a turn that are not answered, the oldest first. */
  async openMessages({ workspaceId, owner, id }: SessionKey, turn: number): Promise<string[]> {
    const query = { text: OPEN_SQL, values: [workspaceId, owner, id, turn] };
    return (await this.database.query<{ id: string }>(workspaceId, query)).map((row) => row.id);
  }
}
