import type { Role } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** An invitation as its workspace sees it: all but its link. */
export interface InvitationRecord {
  readonly id: number;
  readonly email: string;
  readonly role: Role;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly acceptedAt: Date | null;
  readonly withdrawnAt: Date | null;
}

export interface NewInvitation extends Pick<InvitationRecord, 'email' | 'role' | 'invitedBy' | 'expiresAt'> {
  readonly workspaceId: number;
  readonly tokenHash: Buffer;
}

const FIELDS = `i.id, i.email, i.role, i.invited_by AS "invitedBy", i.created_at AS "createdAt",
  i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt", i.withdrawn_at AS "withdrawnAt"`;

const LIST_SQL = `
  SELECT ${FIELDS} FROM invitation i WHERE i.workspace_id = $1 AND i.id > $2 ORDER BY i.id LIMIT $3`;

// A person has one open invitation to a workspace: the newest.
const WITHDRAW_FORMER_SQL = `
  UPDATE invitation SET withdrawn_at = $3
  WHERE workspace_id = $1 AND email = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL`;

const INSERT_SQL = `
  INSERT INTO invitation AS i (workspace_id, token_hash, email, role, invited_by, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${FIELDS}`;

const WITHDRAW_SQL = `
  UPDATE invitation SET withdrawn_at = $3
  WHERE workspace_id = $1 AND id = $2 AND accepted_at IS NULL AND withdrawn_at IS NULL RETURNING id`;

/** Invitations to a workspace, written and read from within it. */
@Injectable()
export class InvitationRecords {
  constructor(private readonly database: Database) {}

  async list(workspaceId: number, page: Page): Promise<PageOf<InvitationRecord>> {
    const query = { text: LIST_SQL, values: [workspaceId, page.afterId, page.limit + 1] };
    return pageOf(page, await this.database.readsIn({ workspaceId }).query<InvitationRecord>(query));
  }

  /** Takes the place of an open one of the same address. Under the lock of `MemberRecords.lockPeople`. */
  async insert(transaction: Queryable, wanted: NewInvitation, now: Date): Promise<InvitationRecord> {
    const { workspaceId, tokenHash, email, role, invitedBy, expiresAt } = wanted;
    await transaction.query({ text: WITHDRAW_FORMER_SQL, values: [workspaceId, email, now] });
    const values = [workspaceId, tokenHash, email, role, invitedBy, now, expiresAt];
    const [inserted] = await transaction.query<InvitationRecord>({ text: INSERT_SQL, values });
    if (!inserted) throw new Error('an insert gave no row');
    return inserted;
  }

  /** False when there is none that could still be accepted. */
  async withdraw(transaction: Queryable, workspaceId: number, id: number, now: Date): Promise<boolean> {
    const query = { text: WITHDRAW_SQL, values: [workspaceId, id, now] };
    return (await transaction.query(query)).length > 0;
  }
}
