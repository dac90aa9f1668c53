import { Injectable } from '@nestjs/common';
import type { CommandState, GithubCommand } from '../domain/github/command.js';
import { Database } from './database.js';

/** A command that is this process's to answer, under the epoch that whatever it notes must name. */
export interface CommandLease {
  readonly command: GithubCommand;
  readonly epoch: number;
}

/** Another process answers the command by now: whatever this one still has to note is void. */
export class CommandLost extends Error {}

/** What has been done for a command; each part is left as it is when left out. */
export interface CommandNote {
  readonly run?: { readonly workspaceId: number; readonly id: string };
  readonly isCommentBegun?: true;
  readonly commentId?: number;
  readonly next?: { readonly at: Date; readonly attempts: number; readonly reason: string };
  readonly end?: {
    readonly state: Exclude<CommandState, 'open'>;
    readonly reason: string | null;
    readonly at: Date;
  };
}

const COLUMNS = `id, thread, sender, author, slug, payload, fault, run_workspace_id AS "runWorkspaceId",
  run_id AS "runId", is_comment_begun AS "isCommentBegun", comment_id::float8 AS "commentId", attempts,
  created_at AS "createdAt"`;

const CLAIM_SQL = `
  UPDATE github_command SET epoch = epoch + 1, leased_until = now() + $1 * interval '1 millisecond'
  WHERE id IN (
    SELECT id FROM github_command
    WHERE state = 'open' AND next_attempt_at <= $2 AND (leased_until IS NULL OR leased_until < now())
    ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}, epoch`;

// Who puts a command off, or ends it, lets go of it.
const NOTE_SQL = `
  UPDATE github_command SET run_workspace_id = coalesce($3, run_workspace_id), run_id = coalesce($4, run_id),
    is_comment_begun = is_comment_begun OR $5, comment_id = coalesce($6, comment_id),
    next_attempt_at = coalesce($7, next_attempt_at), attempts = coalesce($8, attempts),
    reason = coalesce($9, reason), state = coalesce($10, state), ended_at = $11,
    leased_until = CASE WHEN $7 IS NULL AND $10 IS NULL THEN leased_until END
  WHERE id = $1 AND epoch = $2 AND state = 'open' RETURNING id`;

const RENEW_SQL = `
  UPDATE github_command SET leased_until = now() + $3 * interval '1 millisecond'
  WHERE id = $1 AND epoch = $2 AND state = 'open' RETURNING id`;

/** Commands as whoever answers them sees them: over all deliveries. */
@Injectable()
export class GithubCommands {
  constructor(private readonly database: Database) {}

  /** Commands that are due and that nobody answers, at most `limit`; they are this process's from now on. */
  async claim(limit: number, leaseMs: number, now: Date): Promise<CommandLease[]> {
    const rows = await this.database.across.query<GithubCommand & { epoch: number }>({
      text: CLAIM_SQL,
      values: [leaseMs, now, limit],
    });
    return rows.map(({ epoch, ...command }) => ({ command, epoch }));
  }

  /** Throws `CommandLost` when the command is not this process's any more. */
  async note({ command, epoch }: CommandLease, note: CommandNote): Promise<void> {
    const { run, isCommentBegun = false, commentId = null, next, end } = note;
    const done = [run?.workspaceId ?? null, run?.id ?? null, isCommentBegun, commentId];
    const later = [next?.at ?? null, next?.attempts ?? null, next?.reason ?? end?.reason ?? null];
    const values = [command.id, epoch, ...done, ...later, end?.state ?? null, end?.at ?? null];
    const kept = await this.database.across.query({ text: NOTE_SQL, values });
    if (kept.length === 0) throw new CommandLost();
  }

  /** Throws `CommandLost` when the command is not this process's any more. */
  async renew({ command, epoch }: CommandLease, leaseMs: number): Promise<void> {
    const values = [command.id, epoch, leaseMs];
    const kept = await this.database.across.query({ text: RENEW_SQL, values });
    if (kept.length === 0) throw new CommandLost();
  }

  /** Lets another process go on with it at once. */
  async release({ command, epoch }: CommandLease): Promise<void> {
    await this.database.across.query({ text: RENEW_SQL, values: [command.id, epoch, 0] });
  }
}
