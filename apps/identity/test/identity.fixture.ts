import { randomBytes } from 'node:crypto';
import { identity, type Role } from '@magistry/contracts';
import type { RunningIdentity } from './running-identity.js';

function unique(word: string): string {
  return `${word}-${randomBytes(6).toString('hex')}`;
}

export async function aWorkspace(running: RunningIdentity, overrides = {}) {
  const slug = unique('shop');
  const { workspace } = await running.call(identity.createWorkspace, { name: 'Shop', slug, ...overrides });
  if (!workspace) throw new Error('the answer names no workspace');
  return workspace;
}

/** A partner with a key, installed in as many workspaces of its own as asked for. */
export async function aPartner(
  running: RunningIdentity,
  options: { installs?: number; scopes?: string[] } = {},
) {
  const scopes = options.scopes ?? ['planner:write', 'read'];
  const applicant = await aWorkspace(running);
  const { id, slug } = await running.call(identity.createPartner, {
    name: 'Research tool',
    slug: unique('tool'),
    contactEmail: 'ops@tool.example',
    scopes,
    workspaceId: applicant.id,
  });
  const { key } = await running.call(identity.createPartnerKey, { slug, limitPerMinute: 100_000 });
  const workspaces = [];
  for (let count = 0; count < (options.installs ?? 1); count += 1) {
    const workspace = await aWorkspace(running, { tier: 'enterprise' });
    await running.call(identity.installPartner, { slug, workspaceId: workspace.id });
    workspaces.push(workspace);
  }
  return { id, slug, key, workspaces };
}

/** Somebody with an account, who is a member of the workspace. */
export async function aMember(
  running: RunningIdentity,
  workspaceId: number,
  role: Role,
  password = unique('password'),
) {
  const person = { email: `${unique('person')}@shop.example`, name: 'Ada Weaver', password };
  const { userId } = await running.call(identity.admitUser, { ...person, workspaceId, role });
  return { userId, ...person };
}
