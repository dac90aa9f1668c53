import type { Role } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

/** An invitation that can be accepted, as whoever has its link sees it. */
export interface OpenInvitation {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly expiresAt: Date;
  readonly workspaceId: number;
  readonly workspaceName: string;
  /** Whether somebody can log in to accept it, or must sign up. */
  readonly hasAccount: boolean;
}

const FIND_SQL = `
  SELECT i.id, i.email, i.role, i.expires_at AS "expiresAt", w.id AS "workspaceId", w.name AS "workspaceName",
    EXISTS (SELECT FROM user_account u WHERE u.email = i.email) AS "hasAccount"
  FROM invitation i JOIN workspace w ON w.id = i.workspace_id AND w.deleted_at IS NULL
  WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > $2`;

const ACCEPT_SQL = `
  UPDATE invitation SET accepted_at = $2, accepted_by = $3
  WHERE id = $1 AND accepted_at IS NULL AND withdrawn_at IS NULL RETURNING id`;

/** Invitations by their link, which is all that is known at first. */
@Injectable()
export class InvitationStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  async find(tokenHash: Buffer, now: Date, on: Queryable = this.across): Promise<OpenInvitation | undefined> {
    return (await on.query<OpenInvitation>({ text: FIND_SQL, values: [tokenHash, now] }))[0];
  }

  /** Whether it was open: of many who accept at once, one does. */
  async accept(transaction: Queryable, id: number, userId: number, now: Date): Promise<boolean> {
    return (await transaction.query({ text: ACCEPT_SQL, values: [id, now, userId] })).length > 0;
  }
}
