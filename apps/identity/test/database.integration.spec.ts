import { mintApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { aPartner } from './identity.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

const TABLES = ['workspace', 'api_key', 'partner', 'partner_install'];
const UNREACHABLE_URL = 'postgres://nobody@127.0.0.1:1/nothing';

describe('with its database', () => {
  let running: RunningIdentity;

  beforeAll(async () => {
    running = await startIdentity();
  });
  afterAll(() => running.stop());

  test.each(TABLES)('the service may not delete from %s', async (table) => {
    await expect(running.asService(`DELETE FROM ${table}`)).rejects.toThrow('permission denied');
    await expect(running.asService(`TRUNCATE ${table}`)).rejects.toThrow('permission denied');
  });

  test('the service may not change a key', async () => {
    const change = running.asService(`UPDATE api_key SET scopes = '{*}'`);
    await expect(change).rejects.toThrow('permission denied');
  });

  test('the service may not look into another schema', async () => {
    await running.asOwner('CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.secrets (word text)');
    await expect(running.asService('SELECT * FROM elsewhere.secrets')).rejects.toThrow('permission denied');
  });

  test('Postgres itself refuses a slug, a tier or an owner that the rules refuse', async () => {
    const insert = (columns: string, values: string) =>
      running.asOwner(`INSERT INTO ${columns} VALUES ${values}`);
    const workspace = 'workspace (slug, name, tier)';
    await expect(insert(workspace, `('a--b', 'A', 'free')`)).rejects.toThrow('workspace_slug_check');
    await expect(insert(workspace, `('42', 'A', 'free')`)).rejects.toThrow('workspace_slug_check');
    await expect(insert(workspace, `('a', 'A', 'gold')`)).rejects.toThrow('workspace_tier_check');
    const key = 'api_key (key_id, secret_hmac, pepper_id, name, prefix, scopes)';
    await expect(insert(key, `('k', sha256(''), 1, 'k', 'sk_live', '{}')`)).rejects.toThrow('owner_check');
  });

  test('a lost connection costs one answer at most, and says so', async () => {
    const { key } = await aPartner(running);
    await running.asOwner(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND usename = 'magistry_identity'`,
    );
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => running.call(identity.resolveCredential, { credential: key })),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason.code).toBe('service_unavailable');
    }
    const later = await running.call(identity.resolveCredential, { credential: key });
    expect(later.isPartner).toBe(true);
  });
});

describe('without its database', () => {
  let running: RunningIdentity;

  beforeAll(async () => {
    running = await startIdentity(UNREACHABLE_URL);
  });
  afterAll(() => running.stop());

  test('every operation is unavailable for a second', async () => {
    const partner = { name: 'A', slug: 'a', contactEmail: 'a@b.example', scopes: ['read'], workspaceId: 1 };
    const { credential } = mintApiKey('sk_live');
    const calls = [
      running.call(identity.resolveCredential, { credential }),
      running.call(identity.resolveWorkspace, { principalId: 'key:1', selector: '1' }),
      running.call(identity.createWorkspace, { name: 'A' }),
      running.call(identity.createApiKey, { workspaceId: 1, name: 'A' }),
      running.call(identity.createPartner, partner),
      running.call(identity.createPartnerKey, { slug: 'a' }),
      running.call(identity.installPartner, { slug: 'a', workspaceId: 1 }),
    ];
    const unavailable = { code: 'service_unavailable', retryAfterSeconds: 1 };
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(unavailable)));
  });
});
