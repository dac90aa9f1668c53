import { ROLES, type Role } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';

/** What a shop works with every day. The rest is about who may act in it and how far, and so an admin's. */
const WORK = [
  ...['decisions', 'planner', 'escalations', 'jobs', 'products', 'campaigns', 'cs', 'disputes', 'research'],
  ...['events', 'seo', 'mcp', 'agents', 'runs', 'messages'],
];

/** Of what can be deleted, all but the workspace itself: that is its owners'. */
const DELETED_BY_ADMINS = ['api-keys', 'webhooks', 'cost-limits'];

/**
 * What each role may do, in scopes: a token that a person consents to has at most these, whenever it is used.
 * The order of `covers` between them is the order of ROLES.
 */
export const ROLE_SCOPES: Readonly<Record<Role, readonly string[]>> = {
  owner: ['*'],
  admin: ['read', 'write', 'cost-limits:write', ...DELETED_BY_ADMINS.map((group) => `${group}:delete`)],
  member: ['read', ...WORK.map((group) => `${group}:write`)],
  viewer: ['read'],
};

type Covers = (held: readonly string[], granted: string) => boolean;

/**
 * Throws `access_denied` unless whoever holds these scopes may make somebody this, or change somebody who is: a
 * role is handed out and taken by those alone who could do all that it may do. `covers` knows the shorthands.
 */
export function requireRoleWithin(role: Role, held: readonly string[], covers: Covers): void {
  if (ROLE_SCOPES[role].every((scope) => covers(held, scope))) return;
  throw new ProblemError(
    'access_denied',
    `Insufficient permissions. The role ${role} may do more than this credential.`,
  );
}

/** Roles that somebody who holds these scopes may hand out, from the one that may do most. */
export function rolesWithin(held: readonly string[], covers: Covers): Role[] {
  return ROLES.filter((role) => ROLE_SCOPES[role].every((scope) => covers(held, scope)));
}

/** Throws `conflict` when a workspace would be left without an owner. `owners` counts those that it has. */
export function requireAnOwner(before: Role, after: Role | undefined, owners: number): void {
  if (before !== 'owner' || after === 'owner' || owners > 1) return;
  throw new ProblemError(
    'conflict',
    'This is the last owner of the workspace. Make somebody else an owner first.',
  );
}
