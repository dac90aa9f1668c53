import { mintApiKey, parseApiKey } from '@magistry/access';
import { CURRENT_API_VERSION, identity } from '@magistry/contracts';
import { aPartner, aWorkspace } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const FUTURE_UNIX_MS = Date.UTC(2099, 0, 1);
let running: RunningIdentity;

beforeAll(async () => {
  running = await startIdentity();
});
afterAll(() => running.stop());

function resolve(credential: string) {
  return running.call(identity.resolveCredential, { credential });
}

async function aKey(settings = {}) {
  const workspace = await aWorkspace(running, { tier: 'pro' });
  const { id, key } = await running.call(identity.createApiKey, {
    workspaceId: workspace.id,
    name: 'ci',
    ...settings,
  });
  return { id, key, workspace };
}

test('a key resolves to itself in its workspace, with the defaults of a key', async () => {
  const { id, key, workspace } = await aKey();
  expect(await resolve(key)).toMatchObject({
    principalId: `key:${id}`,
    actor: `key:${id}`,
    scopes: ['read', 'write'],
    tier: 'pro',
    apiVersion: CURRENT_API_VERSION,
    expiresUnixMs: 0,
    isPartner: false,
    workspace: { id: workspace.id, slug: workspace.slug, tier: 'pro' },
  });
});

test('a key keeps the settings it was made with', async () => {
  const settings = {
    scopes: ['planner:write', 'reports:*'],
    tier: 'free',
    expiresUnixMs: FUTURE_UNIX_MS,
    apiVersion: '2026-05-01',
    limitPerMinute: 100_000,
  };
  const { id, key } = await aKey(settings);
  const { scopes, tier, expiresUnixMs, apiVersion } = settings;
  expect(await resolve(key)).toMatchObject({ scopes, tier, expiresUnixMs, apiVersion });
  const { rows } = await running.asOwner('SELECT limit_per_minute FROM api_key WHERE id = $1', [id]);
  expect(rows).toEqual([{ limit_per_minute: 100_000 }]);
});

describe('one answer, unauthorized, for', () => {
  const refused = { code: 'unauthorized', message: 'The credential is unknown, revoked or expired.' };
  const change = (sql: string, id: number) => running.asOwner(sql, [id]);

  test('text that is no key and a key that was never made', async () => {
    for (const credential of ['', 'sk_live_x', mintApiKey('sk_live').credential]) {
      await expect(resolve(credential)).rejects.toMatchObject(refused);
    }
  });

  test('a wrong secret under the right key id', async () => {
    const first = await aKey();
    const second = await aKey();
    const secondId = parseApiKey(second.key)?.keyId;
    await change(`UPDATE api_key SET key_id = 'gone' WHERE id = $1`, second.id);
    await running.asOwner('UPDATE api_key SET key_id = $1 WHERE id = $2', [secondId, first.id]);
    await expect(resolve(second.key)).rejects.toMatchObject(refused);
  });

  test('an expired key', async () => {
    const { id, key } = await aKey({ expiresUnixMs: FUTURE_UNIX_MS });
    await change(`UPDATE api_key SET expires_at = now() - interval '1 ms' WHERE id = $1`, id);
    await expect(resolve(key)).rejects.toMatchObject(refused);
  });

  test('a revoked key', async () => {
    const { id, key } = await aKey();
    await change('UPDATE api_key SET revoked_at = now() WHERE id = $1', id);
    await expect(resolve(key)).rejects.toMatchObject(refused);
  });

  test('a key of a deleted workspace', async () => {
    const { key, workspace } = await aKey();
    await change('UPDATE workspace SET deleted_at = now() WHERE id = $1', workspace.id);
    await expect(resolve(key)).rejects.toMatchObject(refused);
  });

  test('a key of a suspended partner', async () => {
    const { id, key } = await aPartner(running);
    await change(`UPDATE partner SET status = 'suspended' WHERE id = $1`, id);
    await expect(resolve(key)).rejects.toMatchObject(refused);
  });
});

test('faults of a new key are named by field', async () => {
  const faults = { name: '', scopes: ['a b'], tier: 'gold', apiVersion: '1999-01-01', expiresUnixMs: 1 };
  await expect(aKey(faults)).rejects.toMatchObject({
    code: 'validation_failed',
    errors: ['name', 'scopes[0]', 'tier', 'apiVersion', 'expiresUnixMs'].map((path) => ({ path })),
  });
  await expect(aKey({ tier: 'enterprise' })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'tier', code: 'tier_exceeds_workspace' }],
  });
  await expect(aKey({ workspaceId: 2_000_000_000 })).rejects.toMatchObject({ code: 'not_found' });
});

test('a key chooses its own workspace and no other', async () => {
  const { id, workspace } = await aKey({ scopes: ['planner:write'] });
  const other = await aWorkspace(running);
  const choose = (selector: string) =>
    running.call(identity.resolveWorkspace, { principalId: `key:${id}`, selector });
  for (const selector of [String(workspace.id), workspace.slug]) {
    expect(await choose(selector)).toMatchObject({
      workspace: { id: workspace.id },
      scopes: ['planner:write'],
    });
  }
  for (const selector of [String(other.id), other.slug, '', 'no\u0000body', '99999999999']) {
    await expect(choose(selector)).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('no table shows a secret', async () => {
  const secrets = [await aKey(), await aPartner(running)].map(({ key }) => parseApiKey(key)?.secret ?? '');
  for (const table of ['workspace', 'api_key', 'partner', 'partner_install']) {
    const { rows } = await running.asOwner(`SELECT t::text AS line FROM ${table} t`);
    const dump = rows.map((row) => row.line).join('\n');
    expect(dump).not.toBe('');
    for (const secret of secrets) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
    }
  }
});
