import { parseApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { aPartner, aWorkspace } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

function resolve(credential: string) {
  return running.call(identity.resolveCredential, { credential });
}

function choose(slug: string, selector: string) {
  return running.call(identity.resolveWorkspace, { principalId: `partner:${slug}`, selector });
}

test('a partner that is installed once acts there without being told', async () => {
  const { slug, key, workspaces } = await aPartner(running);
  expect(parseApiKey(key)?.prefix).toBe('mag_live_partner');
  expect(await resolve(key)).toMatchObject({
    principalId: `partner:${slug}`,
    actor: `partner:${slug}`,
    scopes: ['planner:write', 'read'],
    tier: 'enterprise',
    apiVersion: '',
    isPartner: true,
    workspace: { id: workspaces[0]?.id, slug: workspaces[0]?.slug },
  });
});

test.each([0, 2, 3])('a partner that is installed %i times has to choose', async (installs) => {
  const { slug, key, workspaces } = await aPartner(running, { installs });
  const resolved = await resolve(key);
  expect(resolved).toMatchObject({ principalId: `partner:${slug}`, scopes: ['planner:write', 'read'] });
  expect(resolved.workspace).toBeUndefined();
  for (const { id, slug: workspace } of workspaces) {
    expect(await choose(slug, String(id))).toMatchObject({ workspace: { id, slug: workspace } });
    expect(await choose(slug, workspace)).toMatchObject({ workspace: { id, slug: workspace } });
  }
});

test('where it is not installed, nothing exists for a partner', async () => {
  const { id, slug, workspaces } = await aPartner(running, { installs: 2 });
  const [first, second] = workspaces.map((workspace) => workspace.slug);
  const other = await aWorkspace(running);
  await running.asOwner('UPDATE workspace SET deleted_at = now() WHERE slug = $1', [first]);
  for (const selector of [other.slug, String(other.id), first ?? '', 'nowhere']) {
    await expect(choose(slug, selector)).rejects.toMatchObject({ code: 'not_found' });
  }
  await expect(choose('nobody', second ?? '')).rejects.toMatchObject({ code: 'not_found' });
  await running.asOwner(`UPDATE partner SET status = 'suspended' WHERE id = $1`, [id]);
  await expect(choose(slug, second ?? '')).rejects.toMatchObject({ code: 'not_found' });
});

test('only live installs in live workspaces count', async () => {
  const { id, key, workspaces } = await aPartner(running, { installs: 3 });
  const [gone, left, kept] = workspaces.map((workspace) => workspace.id);
  await running.asOwner('UPDATE workspace SET deleted_at = now() WHERE id = $1', [gone]);
  await running.asOwner(
    'UPDATE partner_install SET uninstalled_at = now() WHERE partner_id = $1 AND workspace_id = $2',
    [id, left],
  );
  expect((await resolve(key)).workspace?.id).toBe(kept);
});

test('an install narrows the scopes, and installing again changes them', async () => {
  const { slug, key, workspaces } = await aPartner(running);
  const workspaceId = workspaces[0]?.id ?? 0;
  const install = (scopes: string[]) => running.call(identity.installPartner, { slug, workspaceId, scopes });
  await install(['decisions:read']);
  expect((await resolve(key)).scopes).toEqual(['decisions:read']);
  expect((await choose(slug, String(workspaceId))).scopes).toEqual(['decisions:read']);
  await install([]);
  expect((await resolve(key)).scopes).toEqual(['planner:write', 'read']);
  await expect(install(['planner:write', 'killswitch:write'])).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'scopes', code: 'scope_not_asked' }],
  });
  const { rows } = await running.asOwner('SELECT scopes FROM partner_install WHERE workspace_id = $1', [
    workspaceId,
  ]);
  expect(rows).toEqual([{ scopes: ['planner:write', 'read'] }]);
});

test('concurrent installs leave one install', async () => {
  const { slug } = await aPartner(running, { installs: 0 });
  const { id: workspaceId } = await aWorkspace(running);
  await Promise.all(
    Array.from({ length: 8 }, () => running.call(identity.installPartner, { slug, workspaceId })),
  );
  const { rows } = await running.asOwner('SELECT id FROM partner_install WHERE workspace_id = $1', [
    workspaceId,
  ]);
  expect(rows).toHaveLength(1);
});

test('of concurrent partners with one slug, one is admitted', async () => {
  const { id: workspaceId } = await aWorkspace(running);
  const request = { name: 'A', slug: 'same', contactEmail: 'a@b.example', scopes: ['read'], workspaceId };
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, () => running.call(identity.createPartner, request)),
  );
  const refused = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map((outcome) => outcome.reason);
  expect(refused.map((reason) => reason.code)).toEqual(Array(5).fill('conflict'));
});

test('an unknown partner or workspace is not found, and faults of a partner are named', async () => {
  const { slug } = await aPartner(running, { installs: 0 });
  const notFound = { code: 'not_found' };
  const { id: workspaceId } = await aWorkspace(running);
  const unknown = 2_000_000_000;
  const partner = { name: 'A', slug: 'a', contactEmail: 'a@b.example', scopes: ['read'] };
  await expect(running.call(identity.createPartnerKey, { slug: 'nobody' })).rejects.toMatchObject(notFound);
  await expect(running.call(identity.installPartner, { slug: 'nobody', workspaceId })).rejects.toMatchObject(
    notFound,
  );
  await expect(running.call(identity.installPartner, { slug, workspaceId: unknown })).rejects.toMatchObject(
    notFound,
  );
  await expect(
    running.call(identity.createPartner, { ...partner, workspaceId: unknown }),
  ).rejects.toMatchObject(notFound);
  await expect(running.call(identity.createPartner, {})).rejects.toMatchObject({
    code: 'validation_failed',
    errors: ['name', 'slug', 'contactEmail', 'scopes', 'workspaceId'].map((path) => ({ path })),
  });
});
