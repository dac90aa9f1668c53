import type { Role } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import type { LiveWorkspace } from '../domain/workspace.js';
import { AcrossWorkspaces } from './across-workspaces.js';
import type { Queryable } from './database.js';

/** Where somebody is a member, and as what. */
export interface Membership {
  readonly memberId: number;
  readonly role: Role;
  readonly workspace: Pick<LiveWorkspace, 'id' | 'slug' | 'tier'> & { readonly name: string };
}

const LIST_SQL = `
  SELECT m.id AS "memberId", m.role,
    json_build_object('id', w.id, 'slug', w.slug, 'name', w.name, 'tier', w.tier,
      'isSandbox', w.sandbox_partner_id IS NOT NULL) AS workspace
  FROM member m JOIN workspace w ON w.id = m.workspace_id AND w.deleted_at IS NULL
  WHERE m.user_id = $1 AND m.removed_at IS NULL`;

// Who is in already, keeps the role.
const JOIN_SQL = `
  INSERT INTO member (user_id, workspace_id, role, joined_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (user_id, workspace_id) WHERE removed_at IS NULL DO NOTHING RETURNING id`;

/** The workspaces of a person, who is known before any of them is. */
@Injectable()
export class MembershipStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** Of live workspaces, in the order of joining. */
  list(userId: number): Promise<Membership[]> {
    return this.across.query<Membership>({ text: `${LIST_SQL} ORDER BY m.id`, values: [userId] });
  }

  async find(userId: number, workspaceId: number): Promise<Membership | undefined> {
    const query = { text: `${LIST_SQL} AND w.id = $2`, values: [userId, workspaceId] };
    return (await this.across.query<Membership>(query))[0];
  }

  /** Returns the new membership's id, or undefined for somebody who is a member. */
  async join(
    on: Queryable,
    { userId, workspaceId, role }: { userId: number; workspaceId: number; role: Role },
    now: Date,
  ): Promise<number | undefined> {
    const query = { text: JOIN_SQL, values: [userId, workspaceId, role, now] };
    return (await on.query<{ id: number }>(query))[0]?.id;
  }
}
