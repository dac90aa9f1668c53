import type { Role } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from './database.js';
import { type Page, type PageOf, pageOf } from './page.js';

/** A member as the workspace sees it. */
export interface MemberRecord {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly joinedAt: Date;
}

const SELECT_SQL = `
  SELECT m.id, m.user_id AS "userId", u.name, u.email, m.role, m.joined_at AS "joinedAt"
  FROM member m JOIN user_account u ON u.id = m.user_id
  WHERE m.workspace_id = $1 AND m.removed_at IS NULL`;

// Weaker than what a foreign key waits for: keys are made meanwhile.
const LOCK_SQL = 'SELECT name FROM workspace WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE';

const COUNT_OWNERS_SQL = `
  SELECT count(*)::int4 AS owners FROM member
  WHERE workspace_id = $1 AND role = 'owner' AND removed_at IS NULL`;

/** The people of a workspace, seen and changed from within it. */
@Injectable()
export class MemberRecords {
  constructor(private readonly database: Database) {}

  async list(workspaceId: number, page: Page): Promise<PageOf<MemberRecord>> {
    const text = `${SELECT_SQL} AND m.id > $2 ORDER BY m.id LIMIT $3`;
    const values = [workspaceId, page.afterId, page.limit + 1];
    return pageOf(page, await this.database.readsIn({ workspaceId }).query<MemberRecord>({ text, values }));
  }

  /** Holds every other change of who is in the workspace back. Its name, or undefined when it has ended. */
  async lockPeople(transaction: Queryable, workspaceId: number): Promise<string | undefined> {
    const query = { text: LOCK_SQL, values: [workspaceId] };
    return (await transaction.query<{ name: string }>(query))[0]?.name;
  }

  async find(transaction: Queryable, workspaceId: number, id: number): Promise<MemberRecord | undefined> {
    const query = { text: `${SELECT_SQL} AND m.id = $2`, values: [workspaceId, id] };
    return (await transaction.query<MemberRecord>(query))[0];
  }

  async hasAddress(transaction: Queryable, workspaceId: number, email: string): Promise<boolean> {
    const query = { text: `${SELECT_SQL} AND u.email = $2`, values: [workspaceId, email] };
    return (await transaction.query(query)).length > 0;
  }

  async countOwners(transaction: Queryable, workspaceId: number): Promise<number> {
    const query = { text: COUNT_OWNERS_SQL, values: [workspaceId] };
    return (await transaction.query<{ owners: number }>(query))[0]?.owners ?? 0;
  }

  async setRole(transaction: Queryable, id: number, role: Role): Promise<void> {
    await transaction.query({ text: 'UPDATE member SET role = $2 WHERE id = $1', values: [id, role] });
  }

  async remove(transaction: Queryable, id: number, now: Date): Promise<void> {
    await transaction.query({ text: 'UPDATE member SET removed_at = $2 WHERE id = $1', values: [id, now] });
  }
}
