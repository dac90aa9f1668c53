import { identity } from '@magistry/contracts';
import { aPartner, aWorkspace } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const UNKNOWN_ID = 2_000_000_000;
const notFound = { code: 'not_found' };
let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

async function aKey(workspaceId: number, settings = {}) {
  return running.call(identity.createApiKey, { workspaceId, name: 'Key', ...settings });
}

const find = async (selector: string) => (await running.call(identity.findWorkspace, { selector })).workspace;
const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const setTier = (workspaceId: number, tier: string) =>
  running.call(identity.setWorkspaceTier, { workspaceId, tier });
const setStatus = async (slug: string, status: string, reason = '') =>
  (await running.call(identity.setPartnerStatus, { slug, status, reason })).partner;

describe('workspaces', () => {
  test('one is found by id and by slug, unless it is deleted', async () => {
    const { id, slug } = await aWorkspace(running, { name: 'Linen House', tier: 'pro' });
    const found = await find(slug);
    expect(found).toMatchObject({ id, slug, name: 'Linen House', tier: 'pro', tierChangedBy: '' });
    expect(Math.abs(Date.now() - (found?.createdUnixMs ?? 0))).toBeLessThan(60_000);
    expect(await find(String(id))).toEqual(found);
    await running.asOwner('UPDATE workspace SET deleted_at = now() WHERE id = $1', [id]);
    await expect(find(slug)).rejects.toMatchObject(notFound);
  });

  test.each(['', 'no such', "x' OR '1'='1", '-1', '99999999999', 'a'.repeat(100_000)])(
    'the selector %.20p finds nothing',
    async (selector) => {
      await expect(find(selector)).rejects.toMatchObject(notFound);
    },
  );

  test('the list gives every one once, page by page', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => aWorkspace(running)));
    const listed: number[] = [];
    let hasMore = true;
    while (hasMore) {
      const page = await running.call(identity.listWorkspaces, { afterId: listed.at(-1) ?? 0, limit: 2 });
      expect(page.workspaces.length).toBeLessThanOrEqual(2);
      listed.push(...page.workspaces.map(({ id }) => id));
      hasMore = page.hasMore;
    }
    expect(listed).toEqual([...new Set(listed)].sort((one, other) => one - other));
    expect(listed).toEqual(expect.arrayContaining(made.map(({ id }) => id)));
    await expect(running.call(identity.listWorkspaces, { limit: 201 })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'limit' }],
    });
  });

  test('a tier is set with who did it, and only one that exists', async () => {
    const { id } = await aWorkspace(running, { tier: 'pro' });
    expect(await setTier(id, 'agency')).toMatchObject({
      workspace: { id, tier: 'agency', tierChangedBy: 'system:test' },
      previousTier: 'pro',
    });
    await expect(setTier(id, 'gold')).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(setTier(UNKNOWN_ID, 'pro')).rejects.toMatchObject(notFound);
  });
});

describe('keys', () => {
  test('one is served at the lower of its own and its workspace tier, and rises again with it', async () => {
    const { id } = await aWorkspace(running, { tier: 'agency' });
    const own = await aKey(id, { tier: 'pro' });
    const following = await aKey(id);
    const tiers = async () => Promise.all([own, following].map(async ({ key }) => (await resolve(key)).tier));
    expect(await tiers()).toEqual(['pro', 'agency']);
    await setTier(id, 'starter');
    expect(await tiers()).toEqual(['starter', 'starter']);
    const { keys } = await running.call(identity.listWorkspaceKeys, { workspaceId: id });
    expect(keys.map(({ tier, effectiveTier }) => [tier, effectiveTier])).toEqual([
      ['pro', 'starter'],
      ['', 'starter'],
    ]);
    await setTier(id, 'enterprise');
    expect(await tiers()).toEqual(['pro', 'enterprise']);
  });

  test('the list has what is not revoked, page by page, and no secret', async () => {
    const { id: workspaceId } = await aWorkspace(running, { tier: 'pro' });
    const expiresUnixMs = Date.UTC(2099, 0, 1);
    const first = await aKey(workspaceId, { scopes: ['decisions:read'], limitPerMinute: 7, expiresUnixMs });
    const second = await aKey(workspaceId);
    const page = await running.call(identity.listWorkspaceKeys, { workspaceId, limit: 1 });
    expect(page).toMatchObject({ hasMore: true, keys: [{ id: first.id, limitPerMinute: 7, expiresUnixMs }] });
    await running.call(identity.revokeWorkspaceKey, { id: first.id });
    const rest = await running.call(identity.listWorkspaceKeys, { workspaceId });
    expect(rest).toMatchObject({ hasMore: false, keys: [{ id: second.id, expiresUnixMs: 0 }] });
    const [, , , secret = 'none'] = first.key.split('_');
    expect(JSON.stringify([page, rest])).not.toContain(secret);
    await expect(running.call(identity.listWorkspaceKeys, { workspaceId: UNKNOWN_ID })).rejects.toMatchObject(
      notFound,
    );
  });

  test('a revoked one opens nothing, and the first revocation stays', async () => {
    const { id: workspaceId, slug } = await aWorkspace(running);
    const { id, key } = await aKey(workspaceId);
    const all = await Promise.all(
      Array.from({ length: 4 }, () => running.call(identity.revokeWorkspaceKey, { id })),
    );
    expect(all[0]).toMatchObject({ id, name: 'Key', workspaceSlug: slug, revokedBy: 'system:test' });
    expect(new Set(all.map(({ revokedUnixMs }) => revokedUnixMs)).size).toBe(1);
    await expect(resolve(key)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('an unknown one and one of a partner are not found', async () => {
    const { id, key } = await aPartner(running);
    const { rows } = await running.asOwner('SELECT id FROM api_key WHERE partner_id = $1', [id]);
    for (const keyId of [UNKNOWN_ID, rows[0].id]) {
      await expect(running.call(identity.revokeWorkspaceKey, { id: keyId })).rejects.toMatchObject(notFound);
    }
    expect((await resolve(key)).isPartner).toBe(true);
  });
});

describe('partners', () => {
  test('a suspended one opens nothing until it is approved again', async () => {
    const { slug, key } = await aPartner(running, { installs: 2 });
    expect(await setStatus(slug, 'suspended', 'floods us')).toMatchObject({
      slug,
      status: 'suspended',
      statusReason: 'floods us',
      statusChangedBy: 'system:test',
      installs: 2,
    });
    await expect(resolve(key)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await setStatus(slug, 'suspended', 'another reason')).toMatchObject({ statusReason: 'floods us' });
    expect(await setStatus(slug, 'approved')).toMatchObject({ status: 'approved', statusReason: '' });
    expect((await resolve(key)).principalId).toBe(`partner:${slug}`);
  });

  test('suspending needs a reason, an existing partner and a status that there is', async () => {
    const { slug } = await aPartner(running);
    await expect(setStatus(slug, 'suspended')).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ path: 'reason' }],
    });
    await expect(setStatus(slug, 'deleted', 'x')).rejects.toMatchObject({ errors: [{ path: 'status' }] });
    await expect(setStatus(slug, 'suspended', 'x'.repeat(501))).rejects.toMatchObject({
      errors: [{ path: 'reason' }],
    });
    await expect(setStatus('nobody', 'approved')).rejects.toMatchObject(notFound);
  });

  test('the list has each with its standing', async () => {
    const { slug } = await aPartner(running);
    const { partners, hasMore } = await running.call(identity.listPartners, { limit: 200 });
    expect(hasMore).toBe(false);
    expect(partners.find((partner) => partner.slug === slug)).toMatchObject({
      contactEmail: 'ops@tool.example',
      status: 'approved',
      installs: 1,
      statusChangedUnixMs: 0,
    });
  });
});

test.each([
  `UPDATE workspace SET slug = 'stolen'`,
  `UPDATE api_key SET scopes = '{*}'`,
  `UPDATE partner SET scopes = '{*}'`,
  'DELETE FROM api_key',
])('the service itself is refused: %s', async (statement) => {
  await expect(running.asService(statement)).rejects.toMatchObject({ code: '42501' });
});
