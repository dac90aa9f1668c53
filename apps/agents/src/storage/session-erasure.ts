import { Injectable } from '@nestjs/common';
import type { Outcome, RunRecord } from '../domain/run.js';
import { cancelTrees } from './cancelled-trees.js';
import type { Queryable } from './database.js';
import type { SessionKey } from './session-store.js';

// The row is the lock: a message that is sent meanwhile finds no session of that name any more, and begins a new one.
const LOCK_SQL = `
  SELECT conversation_id AS "conversationId" FROM session
  WHERE workspace_id = $1 AND owner_id = $2 AND id = $3 FOR UPDATE`;

/** The messages, and what their agents have asked others. */
const RUNS_SQL = `
  SELECT id, root_id AS "rootId", status = 'running' AS "isOpen" FROM run WHERE workspace_id = $1 AND root_id IN (
    SELECT id FROM run WHERE workspace_id = $1 AND session_owner = $2 AND session_id = $3)`;

const ERASE_RUNS_SQL = `
  UPDATE run SET input = '{}', outcome = $3, session_owner = NULL, session_id = NULL, turn = NULL,
    fingerprint = NULL, erased_at = $4
  WHERE workspace_id = $1 AND id = ANY($2)`;
const ERASE_EVENTS_SQL = 'DELETE FROM run_event WHERE workspace_id = $1 AND run_id = ANY($2)';
const ERASE_FILES_SQL = 'DELETE FROM attachment WHERE workspace_id = $1 AND run_id = ANY($2)';
const ERASE_MEMORY_SQL =
  'DELETE FROM session_memory WHERE workspace_id = $1 AND owner_id = $2 AND session_id = $3';
const ERASE_SESSION_SQL = 'DELETE FROM session WHERE workspace_id = $1 AND owner_id = $2 AND id = $3';

const ERASED: Outcome = {
  error: { code: 'cancelled', message: 'The message was erased with its session.' },
};

/** What is left to tell of an erased session. */
export interface ErasedSession {
  readonly conversationId: string;
  readonly messages: number;
  /** What still ran, sub-runs included: to be told of behind the commit. */
  readonly cancelled: readonly RunRecord[];
}

/** Takes a session out of every table of this schema; what it cost stays, with the ids of its runs. */
@Injectable()
export class SessionErasure {
  /**
   * Within one transaction; what still runs is cancelled first. Undefined when there is no such session.
   */
  async erase(
    transaction: Queryable,
    { workspaceId, owner, id }: SessionKey,
    now: Date,
  ): Promise<ErasedSession | undefined> {
    const key = [workspaceId, owner, id];
    const lock = { text: LOCK_SQL, values: key };
    const [session] = await transaction.query<Pick<ErasedSession, 'conversationId'>>(lock);
    if (!session) return undefined;
    const before = await this.runs(transaction, key);
    const open = new Set(before.filter(({ isOpen }) => isOpen).map(({ rootId }) => rootId));
    const cancelled = await cancelTrees(transaction, workspaceId, [...open], now);
    // A sub-run may have been begun until its parent was cancelled.
    const runs = await this.runs(transaction, key);
    const ids = runs.map((run) => run.id);
    await transaction.query({
      text: ERASE_RUNS_SQL,
      values: [workspaceId, ids, JSON.stringify(ERASED), now],
    });
    await transaction.query({ text: ERASE_EVENTS_SQL, values: [workspaceId, ids] });
    await transaction.query({ text: ERASE_FILES_SQL, values: [workspaceId, ids] });
    await transaction.query({ text: ERASE_MEMORY_SQL, values: key });
    await transaction.query({ text: ERASE_SESSION_SQL, values: key });
    return { ...session, messages: runs.filter((run) => run.id === run.rootId).length, cancelled };
  }

  private runs(transaction: Queryable, key: readonly unknown[]) {
    const query = { text: RUNS_SQL, values: [...key] };
    return transaction.query<{ id: string; rootId: string; isOpen: boolean }>(query);
  }
}
