import { parseApiKey } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aPartner, codeOf, install, issueKey, uninstall } from './programme.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
let applicant: ApiCaller;
let shop: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  [applicant, shop] = [await aCaller(running), await aCaller(running)];
});
afterAll(() => running.stop());

const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });

test("a live key is the partner's wherever it is installed, and shown to its maker's retries alone", async () => {
  const slug = await aPartner(applicant);
  const key = freshKey();
  const first = await issueKey(applicant, slug, key);
  expect(first).toMatchObject({
    status: 201,
    json: { id: expect.any(Number), created_at: expect.any(String) },
  });
  expect(parseApiKey(first.json.api_key)?.prefix).toBe('mag_live_partner');
  const again = await issueKey(applicant, slug, key);
  expect([again.text, again.headers['Idempotent-Replayed']]).toEqual([first.text, 'true']);
  const colleague = await issueKey(applicant.as({ principalId: 'key:999999' }), slug, key);
  expect(colleague.json.api_key).not.toBe(first.json.api_key);
  await install(shop, slug, { scopes: ['decisions:read'] });
  const { id, slug: shopSlug } = shop.workspace;
  expect(await resolve(first.json.api_key)).toMatchObject({
    principalId: `partner:${slug}`,
    actor: `partner:${slug}`,
    scopes: ['decisions:read'],
    workspace: { id, slug: shopSlug },
  });
});

test('nobody but its applicant makes keys of a partner', async () => {
  const slug = await aPartner(applicant);
  await install(shop, slug);
  for (const caller of [shop, await aCaller(running)]) {
    expect(await codeOf(issueKey(caller, slug))).toBe('not_found');
  }
  expect(await codeOf(issueKey(applicant, 'nobody'))).toBe('not_found');
  const { rows } = await running.asOwner(
    'SELECT k.id FROM api_key k JOIN partner p ON p.id = k.partner_id WHERE p.slug = $1',
    [slug],
  );
  expect(rows).toEqual([]);
});

test('a leaked key is ended by its applicant alone, and the others of the partner work on', async () => {
  const slug = await aPartner(applicant);
  const [leaked, kept] = [(await issueKey(applicant, slug)).json, (await issueKey(applicant, slug)).json];
  const keysOf = (caller: ApiCaller, query = '') =>
    caller.ask(identity.listPartnerKeys, { params: { slug }, query });
  const revoke = (id: number | string, caller = applicant, key = freshKey()) =>
    caller.ask(identity.revokePartnerKey, { params: { slug, key: String(id) }, key });
  const listed = (await keysOf(applicant)).json;
  expect(listed.data).toEqual(
    [leaked, kept].map(({ id, api_key, created_at }) => ({
      id,
      prefix: api_key.slice(0, 'mag_live_partner_abc'.length),
      created_at,
      last_used_at: null,
    })),
  );
  const { next_cursor: cursor } = (await keysOf(applicant, 'limit=1')).json;
  const second = (await keysOf(applicant, `limit=1&cursor=${cursor}`)).json;
  expect(second).toMatchObject({ data: [{ id: kept.id }], has_more: false });
  expect(await codeOf(keysOf(shop))).toBe('not_found');
  expect(await codeOf(revoke(leaked.id, shop))).toBe('not_found');
  const key = freshKey();
  expect((await revoke(leaked.id, applicant, key)).status).toBe(204);
  expect((await revoke(leaked.id, applicant, key)).headers['Idempotent-Replayed']).toBe('true');
  for (const id of [leaked.id, 'x', '0', 2_000_000_000]) expect(await codeOf(revoke(id))).toBe('not_found');
  await expect(resolve(leaked.api_key)).rejects.toMatchObject({ code: 'unauthorized' });
  expect((await resolve(kept.api_key)).isPartner).toBe(true);
  expect((await keysOf(applicant)).json.data).toMatchObject([{ id: kept.id }]);
  const { rows } = await running.asOwner(
    `SELECT action FROM audit_outbox WHERE subject = $1 AND action = 'api_key.revoked'`,
    [`key:${leaked.id}`],
  );
  expect(rows).toHaveLength(1);
});

test('an install grants what was asked for or less, and never what its admitter does not hold', async () => {
  const slug = await aPartner(applicant);
  expect((await install(shop, slug)).json).toMatchObject({
    slug,
    scopes: ['planner:write', 'decisions:read'],
  });
  expect((await install(shop, slug, { scopes: ['decisions:read'] })).json.scopes).toEqual(['decisions:read']);
  await expect(install(shop, slug, { scopes: ['killswitch:write'] })).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ path: 'scopes', code: 'scope_not_asked' }],
  });
  const weak = shop.as({ scopes: ['partners:write', 'decisions:read'] });
  expect(await codeOf(install(weak, slug))).toBe('access_denied');
  expect((await install(weak, slug, { scopes: ['decisions:read'] })).status).toBe(201);
  expect(await codeOf(install(shop, 'nobody'))).toBe('not_found');
  const { rows } = await running.asOwner(
    'SELECT scopes FROM partner_install WHERE workspace_id = $1 AND uninstalled_at IS NULL',
    [shop.workspace.id],
  );
  expect(rows).toEqual([{ scopes: ['decisions:read'] }]);
});

test('what is uninstalled is gone for the partner, again and again, and may be installed anew', async () => {
  const slug = await aPartner(applicant);
  const { api_key } = (await issueKey(applicant, slug)).json;
  await install(shop, slug);
  const selector = shop.workspace.slug;
  const reach = () => running.call(identity.resolveWorkspace, { principalId: `partner:${slug}`, selector });
  expect((await reach()).workspace?.id).toBe(shop.workspace.id);
  const { epoch: before } = await running.call(identity.getCredentialEpoch, {});
  const key = freshKey();
  expect((await uninstall(shop, slug, key)).status).toBe(204);
  expect((await running.call(identity.getCredentialEpoch, {})).epoch).toBeGreaterThan(before);
  await expect(reach()).rejects.toMatchObject({ code: 'not_found' });
  expect((await resolve(api_key)).workspace).toBeUndefined();
  expect((await uninstall(shop, slug)).status).toBe(204);
  await install(shop, slug, { scopes: ['decisions:read'] });
  expect((await reach()).scopes).toEqual(['decisions:read']);
  expect((await uninstall(shop, slug, key)).headers['Idempotent-Replayed']).toBe('true');
  expect((await reach()).workspace?.id).toBe(shop.workspace.id);
  expect(await codeOf(uninstall(shop, 'nobody'))).toBe('not_found');
});

test('uninstalling in one workspace leaves the others alone', async () => {
  const slug = await aPartner(applicant);
  const { api_key } = (await issueKey(applicant, slug)).json;
  await install(shop, slug);
  await install(applicant, slug);
  expect((await resolve(api_key)).workspace).toBeUndefined();
  await uninstall(shop, slug);
  expect((await resolve(api_key)).workspace?.id).toBe(applicant.workspace.id);
});

test('what becomes of a partner stands in the audit log of the workspace where it was done, once', async () => {
  const slug = await aPartner(applicant);
  const key = freshKey();
  const [issued] = [await issueKey(applicant, slug, key), await issueKey(applicant, slug, key)];
  await install(shop, slug, { scopes: ['decisions:read'] });
  await uninstall(shop, slug);
  await uninstall(shop, slug);
  const told = async ({ workspace, principalId }: ApiCaller) => {
    const { rows } = await running.asOwner(
      `SELECT action, subject, details FROM audit_outbox
       WHERE workspace_id = $1 AND actor = $2 ORDER BY occurred_at, event_id`,
      [workspace.id, principalId],
    );
    return rows;
  };
  const subject = `partner:${slug}`;
  const scopes = ['planner:write', 'decisions:read'];
  expect(await told(applicant)).toEqual([
    { action: 'partner.created', subject, details: { name: 'Tool', scopes } },
    { action: 'partner.key_created', subject, details: { key: `key:${issued?.json.id}` } },
  ]);
  expect(await told(shop)).toEqual([
    { action: 'partner.installed', subject, details: { scopes: ['decisions:read'] } },
    { action: 'partner.uninstalled', subject, details: {} },
  ]);
});

test('a partner ends with the workspace that applied for it', async () => {
  const slug = await aPartner(applicant);
  const { api_key } = (await issueKey(applicant, slug)).json;
  await install(shop, slug);
  await applicant.ask(identity.deleteWorkspace, {
    params: { id: String(applicant.workspace.id) },
    key: freshKey(),
  });
  await expect(resolve(api_key)).rejects.toMatchObject({ code: 'unauthorized' });
});
